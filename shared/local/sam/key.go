package sam

import "slices"

// Key is an AWS::KMS::Key. KMS generates its id; until the key is provisioned, the id is
// fictitious.
type Key struct {
	LogicalID string
	ID        string
}

// Keys returns the AWS::KMS::Key resources in file order.
func (t *Template) Keys() []Key { return slices.Clone(t.keys) }

func (t *Template) addKey(resource *resourceNode) error {
	id, err := t.resolver.identify(resource)
	t.keys = append(t.keys, Key{LogicalID: resource.id, ID: id})
	return err
}

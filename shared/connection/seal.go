package connection

import "context"

// Sealed are sealed secrets by the names of their fields.
type Sealed map[string][]byte

// Sealer seals secrets. It cannot open them: the functions that manage connections have no
// right to, and only those of a channel open their own.
type Sealer interface {
	SealCredential(ctx context.Context, o Owner, name, plain string) ([]byte, error)
}

// Seal seals each secret on its own, so that one can be replaced without opening the others.
func Seal(ctx context.Context, s Sealer, o Owner, secrets Secrets) (Sealed, error) {
	sealed := make(Sealed, len(secrets))
	for name, plain := range secrets {
		bytes, err := s.SealCredential(ctx, o, name, plain)
		if err != nil {
			return nil, err
		}
		sealed[name] = bytes
	}
	return sealed, nil
}

// Package sam reads AWS SAM templates. Load resolves the intrinsic functions and returns a
// Template with the parts that have a local counterpart: functions, routes, event sources,
// tables, queues, user pools and keys. Template.Notices lists the parts without one.
//
// The package only reads; the other packages of local start and create resources.
// resolve.go and intrinsics.go turn YAML into plain values, and each other file reads one
// kind of resource.
package sam

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/quintet-agents/quintet/shared/local/arn"
)

// Template has the resolved parts of a SAM template that have a local counterpart.
type Template struct {
	resources []Resource
	functions []Function
	routes    []Route
	tables    []Table
	queues    []Queue
	keys      []Key
	userPools []UserPool
	schedules []Schedule

	userPoolClients []UserPoolClient

	queueSources  []QueueSource
	streamSources []StreamSource
	apis          map[string]*API // by logical id
	notices       []string        // one sentence for each part without a local counterpart
	places        places

	mu       sync.Mutex // guards the resolver, which is also used after loading
	resolver *resolver
}

// Resource is any resource of a template.
type Resource struct {
	LogicalID string
	Type      string // AWS::DynamoDB::Table
}

// Resources returns all resources whose condition holds, in file order.
func (t *Template) Resources() []Resource { return slices.Clone(t.resources) }

// Properties returns a resource's resolved properties, without the Globals. It serves
// resources that have no type in this package.
func (t *Template) Properties(logicalID string) (map[string]any, error) {
	resource, ok := t.resolver.resources[logicalID]
	if !ok {
		return nil, fmt.Errorf("there is no resource %q", logicalID)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var properties map[string]any
	err := t.resolver.decode(resource.properties, resource.id, &properties)
	return properties, err
}

// Functions returns the AWS::Serverless::Function resources in file order.
func (t *Template) Functions() []Function { return slices.Clone(t.functions) }

// Routes returns the Api events of all functions in file order.
func (t *Template) Routes() []Route { return slices.Clone(t.routes) }

// Tables returns the AWS::DynamoDB::Table resources in file order.
func (t *Template) Tables() []Table { return slices.Clone(t.tables) }

// Queues returns the AWS::SQS::Queue resources in file order.
func (t *Template) Queues() []Queue { return slices.Clone(t.queues) }

// Schedules returns the Schedule and ScheduleV2 events of all functions in
// file order.
func (t *Template) Schedules() []Schedule { return slices.Clone(t.schedules) }

// Notices returns a sentence for each part of the template without a local counterpart.
func (t *Template) Notices() []string { return slices.Clone(t.notices) }

// APIs returns the APIs by logical id, the implicit one included.
func (t *Template) APIs() map[string]*API { return t.apis }

// QueueSources returns the enabled SQS events of all functions in file order.
func (t *Template) QueueSources() []QueueSource { return slices.Clone(t.queueSources) }

// StreamSources returns the enabled DynamoDB events of all functions in file
// order.
func (t *Template) StreamSources() []StreamSource { return slices.Clone(t.streamSources) }

type document struct {
	Globals struct {
		Function yaml.Node `yaml:"Function"`
		API      yaml.Node `yaml:"Api"`
	} `yaml:"Globals"`
	Parameters map[string]parameter `yaml:"Parameters"`
	Mappings   yaml.Node            `yaml:"Mappings"`
	Conditions map[string]yaml.Node `yaml:"Conditions"`
	Resources  yaml.Node            `yaml:"Resources"`
}

// DefaultEndpoint is the usual URL of a local AWS. Without an endpoint, it is the prefix of
// queue URLs.
const DefaultEndpoint = "http://127.0.0.1:4566"

// Load reads the template at path. params override the defaults of its parameters.
func Load(path string, params map[string]string) (*Template, error) {
	return LoadFor(path, params, DefaultEndpoint, nil)
}

// LoadFor reads a template for the local AWS at endpoint. chosen has the ids that the local
// AWS has generated, by logical id.
func LoadFor(path string, params map[string]string, endpoint string, chosen map[string]string) (*Template, error) {
	source, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no template at %s", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	t, err := parse(source, params, endpoint, chosen)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func parse(source []byte, params map[string]string, endpoint string, chosen map[string]string) (*Template, error) {
	doc, err := decode(source)
	if err != nil {
		return nil, err
	}
	values, err := bind(doc.Parameters, params)
	if err != nil {
		return nil, err
	}
	t := &Template{
		apis:   map[string]*API{},
		places: newPlaces(),
		resolver: &resolver{
			endpoint:   endpoint,
			chosen:     chosen,
			parameters: values,
			mappings:   &doc.Mappings,
			conditions: doc.Conditions,
			resources:  map[string]*resourceNode{},
			resolving:  map[string]bool{},
		},
	}
	resources, err := t.collect(doc)
	if err != nil {
		return nil, err
	}
	t.apis[ImplicitAPI] = &API{Stage: "Prod"}
	if err := t.resolver.decode(&doc.Globals.API, "Globals.Api", t.apis[ImplicitAPI]); err != nil {
		return nil, err
	}
	for _, resource := range resources {
		t.resources = append(t.resources, Resource{LogicalID: resource.id, Type: resource.kind})
		if err := t.add(resource, doc); err != nil {
			return nil, err
		}
	}
	return t, t.check()
}

func decode(source []byte) (*document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(source, &root); err != nil {
		return nil, err
	}
	plain, err := flatten(&root, map[*yaml.Node]bool{})
	if err != nil {
		return nil, err
	}
	doc := &document{}
	return doc, plain.Decode(doc)
}

// collect lists the resources whose condition holds.
func (t *Template) collect(doc *document) ([]*resourceNode, error) {
	var all []*resourceNode
	for key, body := range pairs(&doc.Resources) {
		resource := &resourceNode{id: key.Value, properties: lookup(body, "Properties")}
		kind := lookup(body, "Type")
		if kind == nil {
			return nil, errorAt(key, key.Value, "the resource has no Type")
		}
		resource.kind = kind.Value
		// The resolver must know resources whose condition does not hold, because
		// the other branch of an If may refer to them.
		t.resolver.resources[resource.id] = resource
		if condition := lookup(body, "Condition"); condition != nil {
			holds, err := t.resolver.condition(condition, condition.Value, resource.id)
			if err != nil {
				return nil, err
			}
			if !holds {
				continue
			}
		}
		all = append(all, resource)
	}
	return all, nil
}

// add reads one resource. Types without a local counterpart are skipped.
func (t *Template) add(resource *resourceNode, doc *document) error {
	switch resource.kind {
	case "AWS::Serverless::Function":
		return t.addFunction(resource, &doc.Globals.Function)
	case "AWS::Serverless::Api":
		return t.addAPI(resource, &doc.Globals.API)
	case "AWS::DynamoDB::Table":
		return t.addTable(resource)
	case "AWS::SQS::Queue":
		return t.addQueue(resource)
	case arn.KMSKey:
		return t.addKey(resource)
	case "AWS::Cognito::UserPool":
		return t.addUserPool(resource)
	case "AWS::Cognito::UserPoolClient":
		return t.addUserPoolClient(resource)
	}
	return nil
}

// check returns an error if two functions have the same folder name.
func (t *Template) check() error {
	folders := map[string]string{}
	for _, f := range t.functions {
		if other, ok := folders[f.Name]; ok {
			return fmt.Errorf("%s and %s have the same folder name %q: functions go by the last folder of their CodeUri", other, f.LogicalID, f.Name)
		}
		folders[f.Name] = f.LogicalID
	}
	return nil
}

func (t *Template) notice(format string, args ...any) {
	t.notices = append(t.notices, fmt.Sprintf(format, args...))
}

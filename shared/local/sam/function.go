package sam

import (
	"path"
	"time"

	"go.yaml.in/yaml/v3"
)

// Function is an AWS::Serverless::Function.
type Function struct {
	LogicalID   string
	Name        string // the function's local name, the last folder of CodeURI
	CodeURI     string
	Handler     string
	Runtime     string
	Timeout     time.Duration
	MemorySize  int // MB
	Environment map[string]string
}

// functionProperties is decoded twice, first from the Globals and then from the resource,
// because SAM merges them so.
type functionProperties struct {
	CodeURI     string `yaml:"CodeUri"`
	Handler     string `yaml:"Handler"`
	Runtime     string `yaml:"Runtime"`
	Timeout     int    `yaml:"Timeout"`
	MemorySize  int    `yaml:"MemorySize"`
	Environment struct {
		Variables map[string]string `yaml:"Variables"`
	} `yaml:"Environment"`
	Events yaml.Node `yaml:"Events"`
}

func (t *Template) addFunction(resource *resourceNode, globals *yaml.Node) error {
	p := functionProperties{Timeout: 3, MemorySize: 128} // Lambda's own defaults
	if err := t.resolver.decode(globals, "Globals.Function", &p); err != nil {
		return err
	}
	if err := t.resolver.decode(resource.properties, resource.id, &p); err != nil {
		return err
	}
	if p.CodeURI == "" {
		t.notice("%s has no CodeUri and is not run locally", resource.id)
		return nil
	}
	f := Function{
		LogicalID:   resource.id,
		Name:        path.Base(p.CodeURI),
		CodeURI:     p.CodeURI,
		Handler:     p.Handler,
		Runtime:     p.Runtime,
		Timeout:     time.Duration(p.Timeout) * time.Second,
		MemorySize:  p.MemorySize,
		Environment: p.Environment.Variables,
	}
	t.functions = append(t.functions, f)
	for name, event := range pairs(&p.Events) {
		if err := t.addEvent(f, name.Value, event); err != nil {
			return err
		}
	}
	return nil
}

// addEvent reads one resolved entry of a function's Events.
func (t *Template) addEvent(f Function, name string, event *yaml.Node) error {
	var kind string
	if n := lookup(event, "Type"); n != nil {
		kind = n.Value
	}
	e := eventNode{function: f, at: f.LogicalID + ".Events." + name, name: name, properties: lookup(event, "Properties")}
	switch kind {
	case "Api":
		return t.addRoute(e)
	case "SQS":
		return t.addQueueSource(e)
	case "DynamoDB":
		return t.addStreamSource(e)
	case "Schedule", "ScheduleV2":
		return t.addSchedule(e, kind)
	}
	t.notice("%s: events of type %q are not fired locally", e.at, kind)
	return nil
}

type eventNode struct {
	function   Function
	at         string // Orders.Events.Name
	name       string
	properties *yaml.Node
}

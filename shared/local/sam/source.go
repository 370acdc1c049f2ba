package sam

import (
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/local/arn"
	"github.com/quintet-agents/quintet/shared/local/filter"
)

// QueueSource is an SQS event: a queue whose messages invoke a function.
type QueueSource struct {
	Function       string
	Queue          string // physical name
	ARN            string
	BatchSize      int
	Concurrency    int
	ReportFailures bool // ReportBatchItemFailures
	Filter         filter.Filter
}

// StreamSource is a DynamoDB event: a table's stream whose records invoke a function.
type StreamSource struct {
	Function       string
	Table          string // physical name
	Start          string // LATEST or TRIM_HORIZON
	BatchSize      int
	Attempts       int  // 0: unlimited
	ReportFailures bool // ReportBatchItemFailures
	Filter         filter.Filter
}

// MaxReceive is the largest number of messages that one ReceiveMessage returns. It is also
// the largest batch, because batching windows are not supported.
const MaxReceive = 10

// sourceProperties has the properties that both kinds of event source have in common.
type sourceProperties struct {
	Enabled       bool     `yaml:"Enabled"`
	BatchSize     int      `yaml:"BatchSize"`
	ResponseTypes []string `yaml:"FunctionResponseTypes"`
	Filter        struct {
		Filters []struct {
			Pattern string `yaml:"Pattern"`
		} `yaml:"Filters"`
	} `yaml:"FilterCriteria"`
}

func (p sourceProperties) reportFailures() bool {
	return slices.Contains(p.ResponseTypes, "ReportBatchItemFailures")
}

func (p sourceProperties) parse() (filter.Filter, error) {
	var patterns []string
	for _, f := range p.Filter.Filters {
		patterns = append(patterns, f.Pattern)
	}
	return filter.Parse(patterns)
}

func (t *Template) addQueueSource(e eventNode) error {
	p := struct {
		sourceProperties `yaml:",inline"`
		Queue            string `yaml:"Queue"`
		Scaling          struct {
			MaximumConcurrency int `yaml:"MaximumConcurrency"`
		} `yaml:"ScalingConfig"`
	}{}
	p.Enabled, p.BatchSize = true, 10
	if err := t.resolver.decode(e.properties, e.at, &p); err != nil {
		return err
	}
	name, ok := strings.CutPrefix(p.Queue, arn.Of("AWS::SQS::Queue", ""))
	if !ok {
		return errorAt(e.properties, e.at+".Queue", "it is not the Arn of a queue of this template")
	}
	filter, err := p.parse()
	if err != nil {
		return errorAt(e.properties, e.at+".FilterCriteria", "%v", err)
	}
	if !p.Enabled {
		return nil
	}
	s := QueueSource{
		Function:       e.function.Name,
		Queue:          name,
		ARN:            p.Queue,
		BatchSize:      min(p.BatchSize, MaxReceive),
		Concurrency:    5, // Lambda's initial number of pollers
		ReportFailures: p.reportFailures(),
		Filter:         filter,
	}
	if p.Scaling.MaximumConcurrency > 0 {
		s.Concurrency = p.Scaling.MaximumConcurrency
	}
	t.queueSources = append(t.queueSources, s)
	return nil
}

func (t *Template) addStreamSource(e eventNode) error {
	p := struct {
		sourceProperties `yaml:",inline"`
		Stream           string `yaml:"Stream"`
		StartingPosition string `yaml:"StartingPosition"`
		MaximumRetries   int    `yaml:"MaximumRetryAttempts"`
	}{StartingPosition: "LATEST", MaximumRetries: -1}
	p.Enabled, p.BatchSize = true, 100
	if err := t.resolver.decode(e.properties, e.at, &p); err != nil {
		return err
	}
	name, ok := strings.CutPrefix(p.Stream, arn.Of("AWS::DynamoDB::Table", ""))
	name, _, isStream := strings.Cut(name, "/stream/")
	if !ok || !isStream {
		return errorAt(e.properties, e.at+".Stream", "it is not the StreamArn of a table of this template")
	}
	if p.StartingPosition != "LATEST" && p.StartingPosition != "TRIM_HORIZON" {
		return errorAt(e.properties, e.at+".StartingPosition", "it is neither LATEST nor TRIM_HORIZON")
	}
	filter, err := p.parse()
	if err != nil {
		return errorAt(e.properties, e.at+".FilterCriteria", "%v", err)
	}
	if p.Enabled {
		t.streamSources = append(t.streamSources, StreamSource{
			Function:       e.function.Name,
			Table:          name,
			Start:          p.StartingPosition,
			BatchSize:      p.BatchSize,
			Attempts:       p.MaximumRetries + 1,
			ReportFailures: p.reportFailures(),
			Filter:         filter,
		})
	}
	return nil
}

package local

import (
	"slices"
	"strings"
)

// queueSource is an SQS event: a queue that feeds a function.
type queueSource struct {
	function       string
	queue          string // physical name
	arn            string
	batchSize      int
	concurrency    int
	reportFailures bool // ReportBatchItemFailures
	filter         filter
}

// streamSource is a DynamoDB event: a table's stream that feeds a function.
type streamSource struct {
	function       string
	table          string // physical name
	start          string // LATEST or TRIM_HORIZON
	batchSize      int
	attempts       int // 0: until it works
	reportFailures bool
	filter         filter
}

// sourceProperties are those that both kinds of event source share.
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

func (p sourceProperties) filter() (filter, error) {
	var patterns []string
	for _, f := range p.Filter.Filters {
		patterns = append(patterns, f.Pattern)
	}
	return parseFilter(patterns)
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
	name, ok := strings.CutPrefix(p.Queue, arn("AWS::SQS::Queue", ""))
	if !ok {
		return errorAt(e.properties, e.at+".Queue", "it is not the Arn of a queue of this template")
	}
	filter, err := p.filter()
	if err != nil {
		return errorAt(e.properties, e.at+".FilterCriteria", "%v", err)
	}
	if !p.Enabled {
		return nil
	}
	s := queueSource{
		function:       e.function.Name,
		queue:          name,
		arn:            p.Queue,
		batchSize:      min(p.BatchSize, maxReceive),
		concurrency:    5, // how many pollers Lambda starts with
		reportFailures: p.reportFailures(),
		filter:         filter,
	}
	if p.Scaling.MaximumConcurrency > 0 {
		s.concurrency = p.Scaling.MaximumConcurrency
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
	name, ok := strings.CutPrefix(p.Stream, arn("AWS::DynamoDB::Table", ""))
	name, _, isStream := strings.Cut(name, "/stream/")
	if !ok || !isStream {
		return errorAt(e.properties, e.at+".Stream", "it is not the StreamArn of a table of this template")
	}
	if p.StartingPosition != "LATEST" && p.StartingPosition != "TRIM_HORIZON" {
		return errorAt(e.properties, e.at+".StartingPosition", "it is neither LATEST nor TRIM_HORIZON")
	}
	filter, err := p.filter()
	if err != nil {
		return errorAt(e.properties, e.at+".FilterCriteria", "%v", err)
	}
	if p.Enabled {
		t.streamSources = append(t.streamSources, streamSource{
			function:       e.function.Name,
			table:          name,
			start:          p.StartingPosition,
			batchSize:      p.BatchSize,
			attempts:       p.MaximumRetries + 1,
			reportFailures: p.reportFailures(),
			filter:         filter,
		})
	}
	return nil
}

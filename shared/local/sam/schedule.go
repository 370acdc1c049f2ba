package sam

import (
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/local/schedule"
)

// Schedule is a Schedule or ScheduleV2 event.
type Schedule struct {
	Function   string
	Name       string // of the event
	Expression string // rate(...), cron(...)
	Input      string // the payload; empty for EventBridge's own event

	Timetable schedule.Timetable
	Source    string // aws.events or aws.scheduler
}

func (t *Template) addSchedule(e eventNode, kind string) error {
	var p struct {
		Schedule   string `yaml:"Schedule"`
		Expression string `yaml:"ScheduleExpression"`
		TimeZone   string `yaml:"ScheduleExpressionTimezone"`
		Input      string `yaml:"Input"`
		State      string `yaml:"State"`
		Enabled    *bool  `yaml:"Enabled"`
	}
	if err := t.resolver.decode(e.properties, e.at, &p); err != nil {
		return err
	}
	s := Schedule{Function: e.function.Name, Name: e.name, Expression: p.Schedule, Input: p.Input, Source: "aws.events"}
	if kind == "ScheduleV2" {
		s.Expression, s.Source = p.Expression, "aws.scheduler"
	}
	zone, err := time.LoadLocation(p.TimeZone) // no name means UTC
	if err != nil {
		return errorAt(e.properties, e.at+".ScheduleExpressionTimezone", "%v", err)
	}
	if s.Timetable, err = schedule.Parse(s.Expression, zone); err != nil {
		return errorAt(e.properties, e.at, "%v", err)
	}
	if s.Input != "" && !json.Valid([]byte(s.Input)) {
		return errorAt(e.properties, e.at+".Input", "it is not JSON")
	}
	if p.State != "DISABLED" && (p.Enabled == nil || *p.Enabled) {
		t.schedules = append(t.schedules, s)
	}
	return nil
}

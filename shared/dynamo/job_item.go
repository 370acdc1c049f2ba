package dynamo

import (
	"encoding/json"

	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// jobRow is a job's row. Its texts are removed when it ends.
type jobRow struct {
	PK    string `dynamodbav:"pk"`
	SK    string `dynamodbav:"sk"`
	DuePK string `dynamodbav:"due_pk"`
	Due   int64  `dynamodbav:"due"`

	ID        string `dynamodbav:"id"`
	OrgID     string `dynamodbav:"org_id"`
	URL       string `dynamodbav:"url"`
	CreatedAt string `dynamodbav:"created_at"`
	Expires   int64  `dynamodbav:"expires,omitempty"` // set when the job ends
	Shard     int    `dynamodbav:"shard,omitempty"`
	Runs      int    `dynamodbav:"runs"`
	Lease     string `dynamodbav:"lease,omitempty"`

	KeyID    string       `dynamodbav:"key_id,omitempty"`
	KeyAgent string       `dynamodbav:"key_agent_id,omitempty"`
	UserID   string       `dynamodbav:"user_id,omitempty"`
	Role     string       `dynamodbav:"role,omitempty"`
	AgentID  string       `dynamodbav:"agent_id"`
	ThreadID string       `dynamodbav:"thread_id,omitempty"`
	Text     string       `dynamodbav:"user_text"`
	History  []historyRow `dynamodbav:"history,omitempty"`
	Visitor  string       `dynamodbav:"visitor,omitempty"`
	Channel  string       `dynamodbav:"channel"`
	Whole    bool         `dynamodbav:"whole"`
}

type historyRow struct {
	Role string `dynamodbav:"r"`
	Text string `dynamodbav:"t"`
}

func jobRowOf(j job.Job) jobRow {
	at, in := jobKey(j.Ref), j.Input
	r := jobRow{
		PK: at.pk, SK: at.sk, DuePK: dueJobs, Due: j.CreatedAt.Add(work.Grace).UnixMilli(),
		ID: j.ID, OrgID: j.OrgID, URL: j.URL, CreatedAt: stamp(j.CreatedAt), Shard: j.Shard,
		KeyID: in.Caller.KeyID, KeyAgent: in.Caller.AgentID, UserID: in.Caller.UserID, Role: string(in.Caller.Role),
		AgentID: in.Agent, ThreadID: in.ThreadID, Text: in.Text, Visitor: string(in.Visitor), Channel: in.Channel, Whole: in.Whole,
	}
	for _, m := range in.History {
		r.History = append(r.History, historyRow{Role: string(m.Role), Text: m.Text})
	}
	return r
}

func (r jobRow) job() *job.Job {
	j := &job.Job{
		Ref: job.Ref{OrgID: r.OrgID, ID: r.ID}, URL: r.URL, CreatedAt: unstamp(r.CreatedAt), Shard: r.Shard, Runs: r.Runs, Lease: r.Lease,
		Input: turn.Input{
			Caller: identity.Caller{OrgID: r.OrgID, KeyID: r.KeyID, AgentID: r.KeyAgent, UserID: r.UserID, Role: identity.Role(r.Role)},
			Agent:  r.AgentID, ThreadID: r.ThreadID, Text: r.Text, Channel: r.Channel, Whole: r.Whole,
		},
	}
	if r.Visitor != "" {
		j.Input.Visitor = json.RawMessage(r.Visitor)
	}
	for _, m := range r.History {
		j.Input.History = append(j.Input.History, model.Message{Role: model.Role(m.Role), Text: m.Text})
	}
	return j
}

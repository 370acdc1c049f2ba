package dynamo

import (
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// turnRow is a settled turn: two messages and a ledger entry.
type turnRow struct {
	PK    string `dynamodbav:"pk"`
	SK    string `dynamodbav:"sk"`
	OrgPK string `dynamodbav:"by_org_pk,omitempty"` // a note is no ledger entry
	OrgSK string `dynamodbav:"by_org_sk,omitempty"`

	ID        string `dynamodbav:"id"`
	OrgID     string `dynamodbav:"org_id"`
	ThreadID  string `dynamodbav:"thread_id"`
	AgentID   string `dynamodbav:"agent_id"`
	VersionID string `dynamodbav:"version_id"`
	KeyID     string `dynamodbav:"key_id,omitempty"`
	Channel   string `dynamodbav:"channel"`
	Model     string `dynamodbav:"model"`

	Place     int64  `dynamodbav:"place"`
	StartedAt string `dynamodbav:"started_at"`
	SettledAt string `dynamodbav:"settled_at"`

	User      string    `dynamodbav:"user_text"`
	Assistant string    `dynamodbav:"assistant_text"`
	Tools     []toolRow `dynamodbav:"tools,omitempty"`
	Calls     [][]int64 `dynamodbav:"calls,omitempty"` // of a turn that used tools, see callRowOf

	InputTokens  int    `dynamodbav:"input_tokens"`
	OutputTokens int    `dynamodbav:"output_tokens"`
	Estimated    bool   `dynamodbav:"estimated,omitempty"`
	Charge       int64  `dynamodbav:"charge"` // micro-credits
	Interrupted  bool   `dynamodbav:"interrupted,omitempty"`
	Cancelled    bool   `dynamodbav:"cancelled,omitempty"`
	FailureCode  string `dynamodbav:"failure_code,omitempty"`
	FailureText  string `dynamodbav:"failure_message,omitempty"`
	Starts       bool   `dynamodbav:"starts,omitempty"`
	Note         bool   `dynamodbav:"note,omitempty"`
	Author       string `dynamodbav:"author,omitempty"`
	Automation   string `dynamodbav:"automation,omitempty"`
	Unanswered   string `dynamodbav:"unanswered,omitempty"`
}

type toolRow struct {
	ID     string `dynamodbav:"id"`
	Name   string `dynamodbav:"name"`
	Input  string `dynamodbav:"input"`
	Result string `dynamodbav:"result"`
	Failed bool   `dynamodbav:"failed,omitempty"`
	After  int64  `dynamodbav:"after,omitempty"` // milliseconds
	Took   int64  `dynamodbav:"took,omitempty"`
}

func turnRowOf(t turn.Turn) turnRow {
	settled := stamp(t.SettledAt)
	row := turnRow{
		PK: threadPK(t.OrgID, t.ThreadID), SK: turnSK(t.Place), OrgPK: ledgerOf(t.OrgID), OrgSK: entryAt(settled, t.ID),
		ID: t.ID, OrgID: t.OrgID, ThreadID: t.ThreadID, AgentID: t.AgentID, VersionID: t.VersionID, KeyID: t.KeyID,
		Channel: t.Channel, Model: t.Model,
		Place: t.Place, StartedAt: stamp(t.StartedAt), SettledAt: settled,
		User: t.User, Assistant: t.Assistant,
		InputTokens: t.Usage.Input, OutputTokens: t.Usage.Output, Estimated: t.Estimated, Charge: int64(t.Charge), Interrupted: t.Interrupted,
		Cancelled: t.Cancelled, Starts: t.Starts, Note: t.Note, Author: string(t.Author), Automation: t.Automation, Unanswered: t.Unanswered,
	}
	if t.Note {
		row.OrgPK, row.OrgSK = "", ""
	}
	if t.Failure != nil {
		row.FailureCode, row.FailureText = t.Failure.Code, clip.Text(t.Failure.Message, storedFailure)
	}
	if len(t.Calls) > 1 || len(t.Tools) > 0 {
		for _, c := range t.Calls {
			row.Calls = append(row.Calls, callRowOf(c))
		}
	}
	kept := t.Tools[:min(len(t.Tools), storedUses)]
	for _, u := range kept {
		row.Tools = append(row.Tools, toolRowOf(u, storedTools/len(kept)))
	}
	return row
}

// These constants bound the tool uses in a turn's item, so that its texts always fit: the inputs
// and results of all uses together, and the name and id of each use. A use takes about 40 more
// bytes.
const (
	storedUses  = 128      // later uses are not stored
	storedTools = 32 << 10 // bytes of inputs and results
	storedName  = 128      // bytes of a name or an id

	storedFailure = 1 << 10 // bytes of the message of a failure
)

// toolRowOf returns the row of a tool use. It leaves out an input that does not fit into limit
// bytes, and cuts such a result.
func toolRowOf(u turn.ToolUse, limit int) toolRow {
	r := toolRow{ID: clip.Text(u.ID, storedName), Name: clip.Text(u.Name, storedName), Input: string(u.Input), Result: u.Result, Failed: u.Failed, After: u.After.Milliseconds(), Took: u.Took.Milliseconds()}
	if len(r.Input) > limit/2 {
		r.Input = "{}"
	}
	r.Result = clip.Text(r.Result, limit-len(r.Input))
	return r
}

func (r turnRow) turn() turn.Turn {
	t := turn.Turn{
		ID: r.ID, OrgID: r.OrgID, ThreadID: r.ThreadID, AgentID: r.AgentID, VersionID: r.VersionID, KeyID: r.KeyID,
		Channel: r.Channel, Model: r.Model,
		Place: r.Place, StartedAt: unstamp(r.StartedAt), SettledAt: unstamp(r.SettledAt),
		User: r.User, Assistant: r.Assistant,
		Usage: model.Usage{Input: r.InputTokens, Output: r.OutputTokens}, Estimated: r.Estimated,
		Charge: ledger.Credits(r.Charge), Interrupted: r.Interrupted, Cancelled: r.Cancelled, Starts: r.Starts, Note: r.Note, Author: turn.Author(r.Author), Automation: r.Automation, Unanswered: r.Unanswered,
	}
	if r.FailureCode != "" {
		t.Failure = &turn.Failure{Code: r.FailureCode, Message: r.FailureText}
	}
	for _, c := range r.Calls {
		t.Calls = append(t.Calls, callOf(c))
	}
	for _, u := range r.Tools {
		t.Tools = append(t.Tools, turn.ToolUse{
			ID: u.ID, Name: u.Name, Input: json.RawMessage(u.Input), Result: u.Result, Failed: u.Failed,
			After: time.Duration(u.After) * time.Millisecond, Took: time.Duration(u.Took) * time.Millisecond,
		})
	}
	return t
}

// callRowOf returns a call of the model as five numbers: the time after the turn's start and the
// time it took, in milliseconds, its input and output tokens, and the tool uses that it requested.
func callRowOf(c turn.Call) []int64 {
	return []int64{c.After.Milliseconds(), c.Took.Milliseconds(), int64(c.Usage.Input), int64(c.Usage.Output), int64(c.Tools)}
}

// callOf reads a row of callRowOf. Missing numbers are 0.
func callOf(row []int64) turn.Call {
	var n [5]int64
	copy(n[:], row)
	return turn.Call{
		After: time.Duration(n[0]) * time.Millisecond, Took: time.Duration(n[1]) * time.Millisecond,
		Usage: model.Usage{Input: int(n[2]), Output: int(n[3])}, Tools: int(n[4]),
	}
}

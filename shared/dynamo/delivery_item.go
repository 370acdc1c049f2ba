package dynamo

import (
	"bytes"
	"compress/gzip"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/work"
)

// keptFor is the time for which deliveries are kept, for the log and for replays.
const keptFor = 30 * 24 * time.Hour

// maxPart is the largest part of a packed body in one item, in bytes.
const maxPart = 350_000

// deliveryRow is a delivery's row. Its body is packed. A body that does not fit into the row is
// in parts.
type deliveryRow struct {
	PK    string `dynamodbav:"pk"`
	SK    string `dynamodbav:"sk"`
	DuePK string `dynamodbav:"due_pk,omitempty"`
	Due   int64  `dynamodbav:"due,omitempty"`

	ID        string `dynamodbav:"id"`
	OrgID     string `dynamodbav:"org_id"`
	Target    string `dynamodbav:"target"`
	EventID   string `dynamodbav:"event_id"`
	Type      string `dynamodbav:"type"`
	URL       string `dynamodbav:"url"`
	Body      []byte `dynamodbav:"body,omitempty"`
	Parts     int    `dynamodbav:"parts,omitempty"`
	CreatedAt string `dynamodbav:"created_at"`
	Expires   int64  `dynamodbav:"expires"`

	Status   string       `dynamodbav:"status"`
	Made     int          `dynamodbav:"made"`
	NextAt   int64        `dynamodbav:"next_at"` // milliseconds
	Attempts []attemptRow `dynamodbav:"attempts"`
	Lease    string       `dynamodbav:"lease,omitempty"`
	Next     string       `dynamodbav:"next,omitempty"`
}

type attemptRow struct {
	At       string `dynamodbav:"at"`
	Duration int64  `dynamodbav:"ms"`
	Status   int    `dynamodbav:"status,omitempty"`
	Failure  string `dynamodbav:"failure,omitempty"`
	Answer   string `dynamodbav:"answer,omitempty"`
}

type partRow struct {
	PK      string `dynamodbav:"pk"`
	SK      string `dynamodbav:"sk"`
	Body    []byte `dynamodbav:"body"`
	Expires int64  `dynamodbav:"expires"`
}

// deliverySteps returns the steps that store a new delivery.
func (s *Store) deliverySteps(d delivery.Delivery) ([]types.TransactWriteItem, error) {
	packed, err := pack(d.Body)
	if err != nil {
		return nil, err
	}
	at := deliveryKey(d.Ref)
	row := deliveryRow{
		PK: at.pk, SK: at.sk, DuePK: dueDeliveries, Due: d.NextAt.Add(work.Grace).UnixMilli(),
		ID: d.ID, OrgID: d.OrgID, Target: d.Target, EventID: d.EventID, Type: d.Type, URL: d.URL,
		CreatedAt: stamp(d.CreatedAt), Expires: d.CreatedAt.Add(keptFor).Unix(),
		Status: string(d.Status), NextAt: d.NextAt.UnixMilli(), Attempts: []attemptRow{}, Next: d.Next,
	}
	var steps []types.TransactWriteItem
	add := func(row any) error {
		step, err := s.put(row, ifNew)
		steps = append(steps, step)
		return err
	}
	if len(packed) <= maxPart {
		row.Body, packed = packed, nil
	}
	for begin := 0; begin < len(packed); begin += maxPart {
		part := partKey(d.Ref, row.Parts)
		row.Parts++
		if err := add(partRow{PK: part.pk, SK: part.sk, Body: packed[begin:min(begin+maxPart, len(packed))], Expires: row.Expires}); err != nil {
			return nil, err
		}
	}
	err = add(row)
	return steps, err
}

func pack(body []byte) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

func unpack(packed []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func (r deliveryRow) delivery() *delivery.Delivery {
	d := &delivery.Delivery{
		Ref:     delivery.Ref{OrgID: r.OrgID, Target: r.Target, ID: r.ID},
		EventID: r.EventID, Type: r.Type, URL: r.URL, CreatedAt: unstamp(r.CreatedAt),
		Status: delivery.Status(r.Status), Made: r.Made, NextAt: time.UnixMilli(r.NextAt), Lease: r.Lease, Next: r.Next,
	}
	for _, a := range r.Attempts {
		d.Attempts = append(d.Attempts, delivery.Attempt{
			At: unstamp(a.At), Duration: time.Duration(a.Duration) * time.Millisecond,
			Status: a.Status, Failure: delivery.Failure(a.Failure), Answer: a.Answer,
		})
	}
	return d
}

func attemptRowsOf(all []delivery.Attempt) []attemptRow {
	rows := make([]attemptRow, 0, len(all))
	for _, a := range all {
		rows = append(rows, attemptRow{
			At: stamp(a.At), Duration: a.Duration.Milliseconds(), Status: a.Status, Failure: string(a.Failure), Answer: a.Answer,
		})
	}
	return rows
}

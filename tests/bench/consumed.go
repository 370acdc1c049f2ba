package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// consumed is the consumption of one call.
type consumed struct {
	operation string
	what      string // the items' keys, shortened
	read      int    // units, by DynamoDB's rules
	write     int    // units of the table
	index     int    // units of its indexes
	emulator  float64
}

// capacity is the field that makes DynamoDB return the consumption of a call.
const capacity = "ReturnConsumedCapacity"

// request has the relevant fields of any call's body.
type request struct {
	TableName     string
	Key           document
	Item          document
	TransactItems []map[string]step // by kind: Put, Update, Delete, ConditionCheck
}

// step is one item of a transaction.
type step struct {
	TableName string
	Key, Item document
}

// response has the relevant fields of any call's answer.
type response struct {
	Item             document
	Items            []document
	ConsumedCapacity json.RawMessage
}

// keep passes a call to the emulator, computes its consumption and stores the answer. It reads the
// written items before and after the call, so nothing else may write them at the same time.
func (s *store) keep(ctx context.Context, c call) (int, []byte, error) {
	var req request
	if err := json.Unmarshal(c.body, &req); err != nil {
		return 0, nil, err
	}
	var err error
	if c.body, err = askCapacity(c.body); err != nil {
		return 0, nil, err
	}
	written := req.written(c.operation)
	before, err := s.items(ctx, c, written)
	if err != nil {
		return 0, nil, err
	}
	status, answer, err := s.ask(ctx, c)
	if err != nil {
		return 0, nil, err
	}
	after, err := s.items(ctx, c, written)
	if err != nil {
		return 0, nil, err
	}
	var res response
	if err := json.Unmarshal(answer, &res); err != nil {
		return 0, nil, err
	}
	use := consumed{operation: c.operation, what: describe(req, written), emulator: reported(res.ConsumedCapacity)}
	if status != http.StatusOK {
		use.operation += fmt.Sprintf(" (%d)", status)
	}
	if written == nil {
		size := res.Item.size()
		for _, item := range res.Items {
			size += item.size()
		}
		use.read = readUnits(size)
	}
	for i := range written {
		n := writeUnits(before[i], after[i])
		if c.operation == "TransactWriteItems" {
			n *= 2
		}
		use.write += n
		for _, index := range s.indexes {
			use.index += index.indexUnits(before[i], after[i])
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, use)
	if status == http.StatusOK {
		s.reel[c.question()] = recorded{answer: answer, turn: c.holdName()}
	}
	return status, answer, nil
}

func askCapacity(body []byte) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, err
	}
	members[capacity] = json.RawMessage(`"INDEXES"`)
	return json.Marshal(members)
}

// written returns the items that a call writes, by key.
func (r request) written(operation string) []step {
	steps := []step{{r.TableName, r.Key, r.Item}}
	switch operation {
	case "UpdateItem", "DeleteItem", "PutItem":
	case "TransactWriteItems":
		steps = nil
		for _, item := range r.TransactItems {
			for _, s := range item {
				steps = append(steps, s)
			}
		}
	default:
		return nil
	}
	for i, s := range steps {
		if s.Key == nil {
			steps[i].Key = document{"pk": s.Item["pk"], "sk": s.Item["sk"]}
		}
	}
	return steps
}

// items returns the current written items, nil for missing ones.
func (s *store) items(ctx context.Context, like call, written []step) ([]document, error) {
	items := make([]document, len(written))
	for i, w := range written {
		body, err := json.Marshal(map[string]any{"TableName": w.TableName, "Key": w.Key, "ConsistentRead": true})
		if err != nil {
			return nil, err
		}
		get := call{operation: "GetItem", header: like.header.Clone(), body: body}
		get.header.Set(target, "DynamoDB_20120810.GetItem")
		status, answer, err := s.ask(ctx, get)
		if err != nil {
			return nil, err
		}
		var res response
		if err := json.Unmarshal(answer, &res); err != nil || status != http.StatusOK {
			return nil, fmt.Errorf("read an item: %d %s", status, answer)
		}
		items[i] = res.Item
	}
	return items, nil
}

// describe names the items of a call by their keys, without ids.
func describe(req request, written []step) string {
	if req.Key != nil {
		return name(req.Key)
	}
	var names []string
	for _, w := range written {
		names = append(names, name(w.Key))
	}
	if names == nil {
		return "a thread's latest"
	}
	return strings.Join(names, ", ")
}

func name(key document) string {
	pk, _ := key["pk"]["S"].(string)
	sk, _ := key["sk"]["S"].(string)
	kind, _, _ := strings.Cut(sk, "#")
	switch {
	case kind == "~":
		return "thread"
	case strings.Contains(pk, "#USAGE#"):
		return "usage"
	}
	return strings.ToLower(kind)
}

// reported sums the consumption that the emulator reports: one figure, or one for each table.
func reported(text json.RawMessage) float64 {
	type figure struct{ CapacityUnits float64 }
	var one figure
	var each []figure
	if json.Unmarshal(text, &one) == nil {
		return one.CapacityUnits
	}
	_ = json.Unmarshal(text, &each) // empty if there is none
	for _, f := range each {
		one.CapacityUnits += f.CapacityUnits
	}
	return one.CapacityUnits
}

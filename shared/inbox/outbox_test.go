package inbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// largestRow is far below the 400 KB of an item.
const largestRow = 16 << 10

// rowSize returns about how many bytes the row of a chat has.
func (d *desk) rowSize(of inbox.Ref) int {
	d.t.Helper()
	pk := fmt.Sprintf("ORG#%s#INBOX#%s#%s#CHAT#%s", of.OrgID, of.Channel, of.ConnectionID, of.ChatID)
	out, err := d.Client.GetItem(d.t.Context(), &dynamodb.GetItemInput{TableName: &d.Name, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: "CHAT"},
	}})
	if err != nil || out.Item == nil {
		d.t.Fatalf("got item %v, %v; want the row of the chat", out, err)
	}
	var row map[string]any
	if err := attributevalue.UnmarshalMap(out.Item, &row); err != nil {
		d.t.Fatal(err)
	}
	b, err := json.Marshal(row)
	if err != nil {
		d.t.Fatal(err)
	}
	return len(b)
}

// While nothing can be sent, people of the business write 2,000 messages to a contact who writes
// as well. The row of the chat stays small, what is refused leaves nothing, and the rest is sent
// once, in order.
func TestDesk_Write_OutboxFull(t *testing.T) {
	d := openDesk(t)
	d.receive(d.message("m0", "316", "hello"))
	d.drain(time.Minute)
	id := d.threadOf("316")
	d.handOver(id, true)
	down := true
	d.phone.fail = func(int) error {
		if down {
			return &channel.SendError{Kind: channel.Unsent, Message: "down"}
		}
		return nil
	}
	sent := []string{"You said: hello"}
	for n := range 2000 {
		text := fmt.Sprintf("message %d", n)
		d.sleep(time.Millisecond)
		_, err := d.people().Write(t.Context(), nil, d.org, "user-1", id, text)
		switch {
		case n < inbox.MaxOutbox && err == nil:
			sent = append(sent, text)
		case n < inbox.MaxOutbox || !errors.Is(err, inbox.ErrOutboxFull):
			t.Fatalf("%s: got %v", text, err)
		}
		if n%100 == 0 {
			d.receive(d.message(text, "316", "still there?"))
		}
	}
	// A request that looked at the chat before it was full is refused by the store.
	v := d.look(id)
	late := inbox.Written{Reply: inbox.Reply{Ref: v.Chat.Ref, ThreadID: id, Human: true, Parts: []inbox.Part{{Text: "late"}}, CreatedAt: d.now()}}
	late.Note = d.turnsOf(id)[1]
	late.Note.ID = "late"
	if _, err := d.Store.AddWritten(t.Context(), nil, late); !errors.Is(err, inbox.ErrOutboxFull) {
		t.Errorf("got %v, want ErrOutboxFull", err)
	}
	if size := d.rowSize(v.Chat.Ref); size > largestRow {
		t.Errorf("got a row of %d bytes, want at most %d", size, largestRow)
	}
	down = false
	d.drain(time.Hour)
	want(t, "sent", sent, d.phone.texts())
	if v = d.look(id); len(v.Chat.Outbox) != 0 || v.Chat.Pending != 0 {
		t.Errorf("got chat %+v, want no work left", v.Chat)
	}
}

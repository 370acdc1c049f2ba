package dynamo

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/work"
)

// File files a received update in one transaction: it changes the contact and its aliases,
// appends the message to the chat, and marks the update as filed. decide is called again if
// something that it was given has changed.
func (s *Store) File(ctx context.Context, r inbox.Received, names inbox.Names, decide func(inbox.Found) (inbox.Filing, error)) error {
	for range s.tries(ctx) {
		found, owners, err := s.find(ctx, r.Ref, names)
		if err != nil {
			return err
		}
		filing, err := decide(found)
		if err != nil {
			return err
		}
		steps, err := s.filing(r, owners, filing)
		if err != nil {
			return err
		}
		err = s.write(ctx, steps)
		switch {
		case unmet(err, receivedStep):
			return nil // filed already
		case anyUnmet(err):
			continue
		}
		return err
	}
	return contended("The chat")
}

// find reads what the table has about the names of an update. owners has the contact of each
// alias.
func (s *Store) find(ctx context.Context, r inbox.Ref, names inbox.Names) (found inbox.Found, owners map[string]string, err error) {
	owners = map[string]string{}
	for _, name := range names.Aliases {
		owner, err := s.alias(ctx, r, name)
		if err != nil {
			return found, nil, err
		}
		owners[name] = owner
	}
	if err := s.findOwners(ctx, r, names.Aliases, owners, &found); err != nil {
		return found, nil, err
	}
	chatID := names.ChatID
	if chatID == "" && len(names.Parents) > 0 {
		if chatID, err = s.chatOfParents(ctx, r, names.Parents); err != nil {
			return found, nil, err
		}
	}
	if chatID == "" && found.Contact != nil && names.Parents == nil {
		chatID = found.Contact.ID
	}
	if chatID != "" {
		found.Chat, err = s.Chat(ctx, inbox.Ref{OrgID: r.OrgID, Channel: r.Channel, ConnectionID: r.ConnectionID, ChatID: chatID})
	}
	return found, owners, err
}

// findOwners reads the owners of names: that of the first name which has one, and the others with
// their chats.
func (s *Store) findOwners(ctx context.Context, r inbox.Ref, names []string, owners map[string]string, found *inbox.Found) error {
	done := map[string]bool{"": true}
	for _, name := range names {
		if done[owners[name]] {
			continue
		}
		done[owners[name]] = true
		c, err := s.Contact(ctx, r.OrgID, owners[name])
		switch {
		case err == inbox.ErrNoContact: //nolint:errorlint // the value itself
			continue
		case err != nil:
			return err
		case c.ID != owners[name] && done[c.ID]: // two names lead to one contact
			continue
		}
		done[c.ID] = true
		if found.Contact == nil {
			found.Contact, found.Alias = &c, name
			continue
		}
		chat, err := s.Chat(ctx, inbox.Ref{OrgID: r.OrgID, Channel: r.Channel, ConnectionID: r.ConnectionID, ChatID: c.ID})
		if err != nil {
			return err
		}
		found.Others = append(found.Others, inbox.Owner{Contact: c, Chat: chat})
	}
	return nil
}

// receivedStep is the index of the step that marks an update as filed.
const receivedStep = 0

// filed returns the change that marks an update as filed, unless it is filed already.
func filed() patch {
	var p patch
	p.remove("due_pk", "due", "update")
	p.must(exists().And(attribute("due_pk").AttributeExists()))
	return p
}

// filing returns the steps that file an update.
func (s *Store) filing(r inbox.Received, owners map[string]string, f inbox.Filing) ([]types.TransactWriteItem, error) {
	mark := filed()
	var steps []types.TransactWriteItem
	if f.Contact != nil {
		contact, err := s.contactSteps(r.Ref, owners, *f.Contact, f.Ownership)
		if err != nil {
			return nil, err
		}
		steps = append(steps, contact...)
		if f.HandOver && f.Message == nil {
			of := r.Ref
			of.UpdateID, of.ChatID = "", f.Contact.ID
			steps = append(steps, types.TransactWriteItem{Update: s.handOver(inbox.Chat{Ref: of, HandedOver: true})})
		}
	}
	if f.Message != nil {
		name := filedAt(f.Message.Message.At, f.Message.At, r.UpdateID)
		appended, err := s.appendMessage(*f.Chat, *f.Message, name, f.HandOver)
		if err != nil {
			return nil, err
		}
		steps = append(steps, appended...)
		mark.set("chat_id", str(f.Chat.ChatID))
		mark.set("pending", str(name))
		if id := f.Message.Message.ID; f.Message.Message.Mail != nil {
			steps = append(steps, types.TransactWriteItem{Put: s.nameMessage(f.Chat.Ref, id, nil)})
		}
	}
	first, err := s.update(receivedKey(r.Ref), mark)
	return append([]types.TransactWriteItem{{Update: first}}, steps...), err
}

// contactSteps returns the steps that write a contact, its aliases and the contacts that are merged
// into it, unless they have changed since they were read.
func (s *Store) contactSteps(r inbox.Ref, owners map[string]string, c inbox.Contact, f inbox.Ownership) ([]types.TransactWriteItem, error) {
	put, err := s.putContact(&c)
	if err != nil {
		return nil, err
	}
	steps := []types.TransactWriteItem{put}
	for _, former := range f.Former {
		step, err := s.putContact(&former)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	for _, m := range f.Merged {
		step, err := s.putContact(&m.Contact)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
		if m.Chat != nil {
			steps = append(steps, types.TransactWriteItem{Update: s.mergeChat(*m.Chat, c.ID, f.HandOver)})
		}
	}
	done := map[string]bool{}
	moves := slices.ContainsFunc(f.Aliases, func(name string) bool { return owners[name] != "" && owners[name] != c.ID })
	for _, name := range f.Aliases {
		owner, read := owners[name]
		if !read || done[name] || owner == c.ID && !moves {
			continue // a name that was not read is one that the contact had before
		}
		done[name] = true
		at := aliasKey(r.OrgID, r.ConnectionID, name)
		if owner == c.ID { // a name must not move to a contact that loses its own meanwhile
			steps = append(steps, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
				TableName: &s.table, Key: at.item(), ConditionExpression: new("contact_id = :owner"),
				ExpressionAttributeValues: item{":owner": str(owner)},
			}})
			continue
		}
		alias := &types.Put{
			TableName: &s.table, Item: item{"pk": str(at.pk), "sk": str(at.sk), "contact_id": str(c.ID)},
			ConditionExpression: new(ifNew),
		}
		if owner != "" { // the name has another owner now
			alias.ConditionExpression = new("contact_id = :owner")
			alias.ExpressionAttributeValues = item{":owner": str(owner)}
		}
		steps = append(steps, types.TransactWriteItem{Put: alias})
	}
	return steps, nil
}

// appendMessage returns the steps that append a message to a chat. The chat's row is created
// with its first message.
func (s *Store) appendMessage(c inbox.Chat, m inbox.Pending, name string, handOver bool) ([]types.TransactWriteItem, error) {
	message, err := json.Marshal(m.Message)
	if err != nil {
		return nil, err
	}
	at := pendingKey(c.Ref, name)
	put, err := s.put(pendingRow{PK: at.pk, SK: at.sk, Message: string(message), At: stamp(m.At)}, ifNew)
	if err != nil {
		return nil, err
	}
	chat := s.touchChat(c)
	if handOver {
		alsoHandOver(chat)
	}
	chat.UpdateExpression = new(*chat.UpdateExpression + ", quiet_until = :quiet, first_pending = if_not_exists(first_pending, :arrived) ADD pending :one")
	chat.ExpressionAttributeValues[":quiet"] = num(c.QuietUntil.UnixMilli())
	chat.ExpressionAttributeValues[":arrived"] = num(m.At.UnixMilli())
	chat.ExpressionAttributeValues[":one"] = num(1)
	chat.ExpressionAttributeValues[":due"] = num(c.QuietUntil.Add(work.Grace).UnixMilli())
	return []types.TransactWriteItem{{Update: chat}, put}, nil
}

// touchChat returns the step that creates a chat, or makes an existing one due. Its expression
// ends with the list of SET, so that a caller can add to it.
func (s *Store) touchChat(c inbox.Chat) *types.Update {
	values := item{
		":org": str(c.OrgID), ":channel": str(string(c.Channel)), ":connection": str(c.ConnectionID), ":id": str(c.ChatID), ":contact": str(c.ContactID),
		":inbox": str(dueInbox(c.Channel.Vendor())), ":due": num(s.now().Add(work.Grace).UnixMilli()),
	}
	set := "SET org_id = :org, channel = :channel, connection_id = :connection, id = :id, contact_id = :contact, due_pk = :inbox, due = :due"
	if c.Mail != nil {
		if mail, err := json.Marshal(c.Mail); err == nil { // texts always encode
			set += ", mail = :mail"
			values[":mail"] = str(string(mail))
		}
	}
	return &types.Update{TableName: &s.table, Key: chatKey(c.Ref).item(), UpdateExpression: &set, ExpressionAttributeValues: values}
}

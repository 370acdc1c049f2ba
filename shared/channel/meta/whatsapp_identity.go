package meta

import (
	"cmp"
	"regexp"

	"github.com/quintet-agents/quintet/shared/channel"
)

// identity reads a system message: the person has another phone number, or another user id.
// Fields have several names, by the age of the API version that the customer's app has.
func (b *batch) identity(account string, m object, from channel.Person) {
	s := m.object("system")
	after := channel.Person{
		Address: cmp.Or(s.phone("wa_id"), s.phone("new_wa_id")), UserID: s.id("user_id"), ParentID: s.id("parent_user_id"),
	}
	before := channel.Person{
		Address: cmp.Or(s.phone("customer"), from.Address), UserID: s.id("previous_user_id"), ParentID: s.id("previous_parent_user_id"),
	}
	if before.UserID == "" && from.UserID != after.UserID {
		before.UserID = from.UserID
	}
	if before.UserID == "" {
		before.UserID = formerID(s.text("body"), after.UserID)
	}
	b.change(account, word(s.text("type")), channel.IdentityChange{ID: m.id("id"), Before: before, After: after, At: m.moment("timestamp")})
}

// change adds a change of ids, unless nothing has changed or it is unknown whose ids they are.
func (b *batch) change(account, kind string, c channel.IdentityChange) {
	moved := c.After.Address != "" && c.After.Address != c.Before.Address
	renamed := c.After.UserID != "" && c.After.UserID != c.Before.UserID
	if !identified(c.Before) || !moved && !renamed {
		b.ignore(account, "the system message %q changes no id", kind)
		return
	}
	b.add(channel.Update{Account: account, Identity: &c})
}

var userIDWords = regexp.MustCompile(`\b[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}\b`)

// formerID returns the user id that a system message names beside the new one. Before August
// 2026 it stood in the text alone. A text with several others is not understood.
func formerID(text, current string) string {
	var former string
	for _, id := range userIDWords.FindAllString(text, -1) {
		if id == current || id == former {
			continue
		}
		if former != "" {
			return ""
		}
		former = id
	}
	return former
}

// userIDs reads the changes of user ids that older texts of Meta describe as a field of its own.
func (b *batch) userIDs(account string, value object) {
	list := value.objects("user_id_update")
	for _, o := range list {
		ids, parents := o.object("user_id"), o.object("parent_user_id")
		before := channel.Person{
			Address: o.phone("wa_id"), UserID: cmp.Or(ids.id("previous"), o.id("previous_user_id")),
			ParentID: cmp.Or(parents.id("previous"), o.id("previous_parent_user_id")),
		}
		after := channel.Person{
			Address: before.Address, UserID: cmp.Or(ids.id("current"), o.id("user_id")),
			ParentID: cmp.Or(parents.id("current"), o.id("parent_user_id")),
		}
		b.change(account, "user_id_update", channel.IdentityChange{
			ID: "user_id_update:" + before.UserID + ":" + after.UserID, Before: before, After: after, At: o.moment("timestamp"),
		})
	}
	if len(list) == 0 {
		b.ignore(account, "a change of user ids names none")
	}
}

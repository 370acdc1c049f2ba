package dynamo

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// The attributes of a claim, in the future row of the thread: the agent, its open turns, and the
// time in milliseconds after which all of them must have ended.
const (
	claimedBy    = "claimed_by"
	claimants    = "claimants"
	claimedUntil = "claimed_until"
)

// claimLife is longer than any turn.
const claimLife = ledger.HoldLife + time.Minute

// ClaimThread reserves a thread that does not exist for the agent of a turn. It does
// nothing for a thread that belongs to the agent already.
func (s *Store) ClaimThread(ctx context.Context, c turn.ThreadClaim) error {
	join := false
	for range maxTries {
		err := s.claimThread(ctx, c, join)
		row, refused := conditionFailed(err)
		if !refused {
			return err
		}
		members := textSet(row[claimants])
		claimed := len(members) > 0
		switch owner, deleted := text(row["agent_id"]), row["deleted_at"] != nil; {
		case owner == c.AgentID && !deleted, slices.Contains(members, c.TurnID): // the latter after a lost response
			return nil
		case owner != "" && !deleted, claimed && text(row[claimedBy]) != c.AgentID:
			return turn.ErrOtherAgent
		}
		join = claimed
	}
	return fault.New(fault.Internal, "The thread %s is claimed and abandoned too fast", c.ThreadID)
}

// claimThread makes a claim, or joins one that other turns of the agent have.
func (s *Store) claimThread(ctx context.Context, c turn.ThreadClaim, join bool) error {
	values := item{
		":agent": str(c.AgentID), ":me": &types.AttributeValueMemberSS{Value: []string{c.TurnID}},
		":until": num(c.At.Add(claimLife).UnixMilli()), ":expires": expiry(c.At),
	}
	update := "SET " + claimedBy + " = :agent, " + claimedUntil + " = :until, expires = :expires"
	free := claimedBy + " = :agent AND attribute_exists(" + claimants + ")"
	if join {
		update += " ADD " + claimants + " :me"
	} else {
		update += ", " + claimants + " = :me"
		free = "(attribute_not_exists(" + claimants + ") OR " + claimedUntil + " < :now)"
		values[":now"] = num(c.At.UnixMilli())
	}
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: threadKey(c.OrgID, c.ThreadID).item(),
		UpdateExpression:                    &update,
		ConditionExpression:                 new("(attribute_not_exists(agent_id) OR attribute_exists(deleted_at)) AND " + free),
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	return err
}

// AbandonThread removes a turn from the claim that ClaimThread made or joined.
func (s *Store) AbandonThread(ctx context.Context, c turn.ThreadClaim) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: threadKey(c.OrgID, c.ThreadID).item(),
		UpdateExpression:          new("DELETE " + claimants + " :me"),
		ConditionExpression:       new("contains(" + claimants + ", :turn)"),
		ExpressionAttributeValues: item{":me": &types.AttributeValueMemberSS{Value: []string{c.TurnID}}, ":turn": str(c.TurnID)},
	})
	if _, gone := conditionFailed(err); gone {
		return nil
	}
	return err
}

package dynamo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// TakeSlot takes one of a receiver's slots and reports whether one was free. A
// guess that fails shows which are.
func (s *Store) TakeSlot(ctx context.Context, orgID, receiver string, now, until time.Time) (delivery.Slot, bool, error) {
	guess := rand.IntN(delivery.Slots)
	for range delivery.Slots {
		_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &s.table, Key: slotsKey(orgID, receiver).item(),
			UpdateExpression:         new("SET #slot = :until, expires = :expires"),
			ConditionExpression:      new("attribute_not_exists(#slot) OR #slot <= :now"),
			ExpressionAttributeNames: map[string]string{"#slot": slotName(guess)},
			ExpressionAttributeValues: item{
				":until": num(until.UnixMilli()), ":now": num(now.UnixMilli()), ":expires": num(now.Add(keptFor).Unix()),
			},
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
		taken, failed := errors.AsType[*types.ConditionalCheckFailedException](err)
		if !failed {
			return delivery.Slot{OrgID: orgID, Receiver: receiver, Number: guess, Until: until}, err == nil, err
		}
		var free []int
		for i := range delivery.Slots {
			if integer(taken.Item[slotName(i)]) <= now.UnixMilli() {
				free = append(free, i)
			}
		}
		if len(free) == 0 {
			break
		}
		guess = free[rand.IntN(len(free))]
	}
	return delivery.Slot{}, false, nil
}

// FreeSlot gives a slot back, unless somebody else has it by now.
func (s *Store) FreeSlot(ctx context.Context, slot delivery.Slot) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: slotsKey(slot.OrgID, slot.Receiver).item(),
		UpdateExpression:          new("REMOVE #slot"),
		ConditionExpression:       new("#slot = :until"),
		ExpressionAttributeNames:  map[string]string{"#slot": slotName(slot.Number)},
		ExpressionAttributeValues: item{":until": num(slot.Until.UnixMilli())},
	})
	if _, lost := errors.AsType[*types.ConditionalCheckFailedException](err); lost {
		return nil
	}
	return err
}

func slotName(i int) string { return fmt.Sprintf("slot_%d", i) }

package dynamo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/work"
)

// ClaimSlot takes one of a place's slots and reports whether one was free. It guesses
// a free slot; a wrong guess returns which ones are free.
func (s *Store) ClaimSlot(ctx context.Context, p work.Place, now, until time.Time) (work.Slot, bool, error) {
	slots := p.Slots()
	for free := slots; len(free) > 0; {
		guess := free[rand.IntN(len(free))]
		_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &s.table, Key: slotsKey(p).item(),
			UpdateExpression:         new("SET #slot = :until, expires = :expires"),
			ConditionExpression:      new("attribute_not_exists(#slot) OR #slot <= :now"),
			ExpressionAttributeNames: map[string]string{"#slot": slotName(guess)},
			ExpressionAttributeValues: item{
				":until": num(until.UnixMilli()), ":now": num(now.UnixMilli()), ":expires": num(now.Add(keptFor).Unix()),
			},
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
		taken, failed := conditionFailed(err)
		if !failed {
			return work.Slot{Place: p, Number: guess, Until: until}, err == nil, err
		}
		free = nil
		for _, n := range slots {
			if integer(taken[slotName(n)]) <= now.UnixMilli() {
				free = append(free, n)
			}
		}
	}
	return work.Slot{}, false, nil
}

// ExtendSlot extends a taken slot until a later time and returns it. It does not change
// a slot that has expired and was taken by another worker.
func (s *Store) ExtendSlot(ctx context.Context, slot work.Slot, until time.Time) (work.Slot, error) {
	err := s.changeSlot(ctx, slot, "SET #slot = :new", item{":new": num(until.UnixMilli())})
	if err == nil {
		slot.Until = until
	}
	return slot, err
}

// FreeSlot frees a slot, unless it has expired and was taken by another worker.
func (s *Store) FreeSlot(ctx context.Context, slot work.Slot) error {
	return s.changeSlot(ctx, slot, "REMOVE #slot", item{})
}

// changeSlot updates a slot if the caller still has it.
func (s *Store) changeSlot(ctx context.Context, slot work.Slot, update string, values item) error {
	values[":until"] = num(slot.Until.UnixMilli())
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: slotsKey(slot.Place).item(),
		UpdateExpression:          &update,
		ConditionExpression:       new("#slot = :until"),
		ExpressionAttributeNames:  map[string]string{"#slot": slotName(slot.Number)},
		ExpressionAttributeValues: values,
	})
	if _, lost := conditionFailed(err); lost {
		return nil
	}
	return err
}

func slotName(i int) string { return fmt.Sprintf("slot_%d", i) }

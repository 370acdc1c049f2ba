package dynamo

import (
	"fmt"
	"strings"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/work"
)

// dueDeliveries is the partition of the sparse index "due" for deliveries.
const dueDeliveries = "DUE#DELIVERIES"

// deliveryKey is the key of a delivery's row. Ids sort by time, so the partition is the log of
// its target.
func deliveryKey(r delivery.Ref) key { return key{orgPK(r.OrgID) + deliveriesMark + r.Target, r.ID} }

const deliveriesMark = "#DELIVERIES#"

func deliveryOf(at key) (delivery.Ref, bool) {
	org, target, ok := strings.Cut(strings.TrimPrefix(at.pk, orgPK("")), deliveriesMark)
	return delivery.Ref{OrgID: org, Target: target, ID: at.sk}, ok
}

// partKey is the key of a part of a body that is too long for the delivery's row.
func partKey(r delivery.Ref, number int) key {
	return key{orgPK(r.OrgID) + "#BODY#" + r.ID, fmt.Sprintf("%03d", number)}
}

// slotsKey is the key of the row with an org's slots of a stage. All receivers share the row, so
// that their total is bounded too.
func slotsKey(p work.Place) key { return key{orgPK(p.OrgID) + "#SLOTS", string(p.Stage)} }

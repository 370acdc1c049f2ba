package dynamo

import (
	"strconv"
	"strings"
)

// An org's own rows lie in one partition; every other partition of an org
// starts with its name too, so that another org's row cannot be asked for.

func orgPK(orgID string) string { return "ORG#" + orgID }

func orgKey(orgID string) key     { return key{orgPK(orgID), "ORG"} }
func accountKey(orgID string) key { return shardKey(orgID, 0) }

// shardKey is a part of an account. Most have one.
func shardKey(orgID string, shard int) key {
	if shard == 0 {
		return key{orgPK(orgID), "ACCOUNT"}
	}
	return key{orgPK(orgID), shardPrefix + strconv.Itoa(shard)}
}

const shardPrefix = "ACCOUNT#"

// shardOf returns which part of an account a key is of.
func shardOf(at key) int {
	n, err := strconv.Atoi(strings.TrimPrefix(at.sk, shardPrefix))
	if err != nil {
		return 0
	}
	return n
}

// orgsPK is the list of all orgs, by id: a copy of each one's name and what never
// changes. It is no place for what changes often.
const orgsPK = "ORGS"

// dueAll is the partition of the sparse index "due": what is to be looked at
// once its time has come.
const dueAll = "DUE"

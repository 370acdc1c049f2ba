package dynamo

import (
	"strconv"
	"strings"
)

// An org's own rows are in one partition. The names of its other partitions begin with the same
// text, so that a request cannot read another org's rows.

func orgPK(orgID string) string { return "ORG#" + orgID }

func orgKey(orgID string) key     { return key{orgPK(orgID), "ORG"} }
func accountKey(orgID string) key { return shardKey(orgID, 0) }

// shardKey is the key of a part of an account. Most accounts have one.
func shardKey(orgID string, shard int) key {
	if shard == 0 {
		return key{orgPK(orgID), "ACCOUNT"}
	}
	return key{orgPK(orgID), shardPrefix + strconv.Itoa(shard)}
}

const shardPrefix = "ACCOUNT#"

// shardOf returns the number of the account's part in a key.
func shardOf(at key) int {
	n, err := strconv.Atoi(strings.TrimPrefix(at.sk, shardPrefix))
	if err != nil {
		return 0
	}
	return n
}

// orgsPK is the partition of the list of all orgs, by id. It has a copy of each org's name and
// of its immutable fields. Fields that change often do not belong here.
const orgsPK = "ORGS"

// dueAll is the partition of the sparse index "due" for accounts and deleted threads.
const dueAll = "DUE"

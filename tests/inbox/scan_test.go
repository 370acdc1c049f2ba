package inbox_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// contactIDs returns the ids of all contacts of the org.
func (w *world) contactIDs(t *testing.T) []string {
	t.Helper()
	var ids []string
	pages := dynamodb.NewScanPaginator(w.Client, &dynamodb.ScanInput{
		TableName: &w.Name, ProjectionExpression: new("pk, sk, id"),
		FilterExpression:          new("sk = :contact AND begins_with(pk, :org)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":contact": str("CONTACT"), ":org": str("ORG#" + w.org)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			if pk := it["pk"].(*types.AttributeValueMemberS).Value; strings.Contains(pk, "#CONTACT#") {
				ids = append(ids, it["id"].(*types.AttributeValueMemberS).Value)
			}
		}
	}
	return ids
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

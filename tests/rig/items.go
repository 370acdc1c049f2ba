package rig

import (
	"context"
	"encoding/json"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// OrgItems returns every item of an org as JSON, by primary key. The counters of requests are
// left out, as refused requests count too.
func (r *Rig) OrgItems(orgID string) (map[string]string, error) {
	items := map[string]string{}
	pages := dynamodb.NewScanPaginator(r.Client, &dynamodb.ScanInput{TableName: aws.String(r.Name), ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			return nil, err
		}
		for _, it := range page.Items {
			var plain map[string]any
			if err := attributevalue.UnmarshalMap(it, &plain); err != nil {
				return nil, err
			}
			pk, _ := plain["pk"].(string)
			if !strings.Contains(pk, orgID) {
				continue
			}
			maps.DeleteFunc(plain, func(name string, value any) bool {
				return strings.HasPrefix(name, "rate_") || strings.HasPrefix(name, "due") ||
					strings.HasPrefix(name, "messages_") && value == float64(0) // counted and then released
			})
			body, err := json.Marshal(plain)
			if err != nil {
				return nil, err
			}
			items[pk+" "+plain["sk"].(string)] = string(body)
		}
	}
	return items, nil
}

package sam

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Table is an AWS::DynamoDB::Table.
type Table struct {
	LogicalID    string
	Create       *dynamodb.CreateTableInput
	TTLAttribute string // empty when items do not expire
}

// Name returns the table's physical name.
func (t Table) Name() string { return aws.ToString(t.Create.TableName) }

// tableProperties has the properties that change a table's behaviour for programs.
// Encryption, backups, tags and the like apply only in the cloud.
type tableProperties struct {
	AttributeDefinitions []struct {
		Name string `yaml:"AttributeName"`
		Type string `yaml:"AttributeType"`
	} `yaml:"AttributeDefinitions"`
	BillingMode            string            `yaml:"BillingMode"`
	KeySchema              []keyElement      `yaml:"KeySchema"`
	GlobalSecondaryIndexes []indexProperties `yaml:"GlobalSecondaryIndexes"`
	LocalSecondaryIndexes  []indexProperties `yaml:"LocalSecondaryIndexes"`
	ProvisionedThroughput  *throughput       `yaml:"ProvisionedThroughput"`
	Stream                 struct {
		ViewType string `yaml:"StreamViewType"`
	} `yaml:"StreamSpecification"`
	TimeToLive struct {
		Attribute string `yaml:"AttributeName"`
		Enabled   bool   `yaml:"Enabled"`
	} `yaml:"TimeToLiveSpecification"`
}

type indexProperties struct {
	Name       string       `yaml:"IndexName"`
	KeySchema  []keyElement `yaml:"KeySchema"`
	Projection struct {
		Type      string   `yaml:"ProjectionType"`
		Attribute []string `yaml:"NonKeyAttributes"`
	} `yaml:"Projection"`
	ProvisionedThroughput *throughput `yaml:"ProvisionedThroughput"`
}

type keyElement struct {
	Name string `yaml:"AttributeName"`
	Type string `yaml:"KeyType"`
}

type throughput struct {
	Read  int64 `yaml:"ReadCapacityUnits"`
	Write int64 `yaml:"WriteCapacityUnits"`
}

func (t *Template) addTable(resource *resourceNode) error {
	var p tableProperties
	if err := t.resolver.decode(resource.properties, resource.id, &p); err != nil {
		return err
	}
	name, err := t.resolver.name(resource)
	if err != nil {
		return err
	}
	table := Table{LogicalID: resource.id, Create: p.input(name)}
	if p.TimeToLive.Enabled {
		table.TTLAttribute = p.TimeToLive.Attribute
	}
	t.tables = append(t.tables, table)
	return nil
}

func (p tableProperties) input(name string) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:             aws.String(name),
		BillingMode:           types.BillingMode(p.BillingMode),
		KeySchema:             keySchema(p.KeySchema),
		ProvisionedThroughput: p.ProvisionedThroughput.input(),
	}
	for _, a := range p.AttributeDefinitions {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: aws.String(a.Name),
			AttributeType: types.ScalarAttributeType(a.Type),
		})
	}
	for _, index := range p.GlobalSecondaryIndexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:             aws.String(index.Name),
			KeySchema:             keySchema(index.KeySchema),
			Projection:            index.projection(),
			ProvisionedThroughput: index.ProvisionedThroughput.input(),
		})
	}
	for _, index := range p.LocalSecondaryIndexes {
		in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes, types.LocalSecondaryIndex{
			IndexName:  aws.String(index.Name),
			KeySchema:  keySchema(index.KeySchema),
			Projection: index.projection(),
		})
	}
	if p.Stream.ViewType != "" {
		in.StreamSpecification = &types.StreamSpecification{
			StreamEnabled:  aws.Bool(true),
			StreamViewType: types.StreamViewType(p.Stream.ViewType),
		}
	}
	return in
}

func keySchema(elements []keyElement) []types.KeySchemaElement {
	var out []types.KeySchemaElement
	for _, e := range elements {
		out = append(out, types.KeySchemaElement{AttributeName: aws.String(e.Name), KeyType: types.KeyType(e.Type)})
	}
	return out
}

func (p indexProperties) projection() *types.Projection {
	return &types.Projection{
		ProjectionType:   types.ProjectionType(p.Projection.Type),
		NonKeyAttributes: p.Projection.Attribute,
	}
}

func (t *throughput) input() *types.ProvisionedThroughput {
	if t == nil {
		return nil
	}
	return &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(t.Read), WriteCapacityUnits: aws.Int64(t.Write)}
}

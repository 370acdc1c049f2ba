package sam

import (
	"strings"
	"testing"
)

// Each expression is the name of a queue.
func TestIntrinsics_Values(t *testing.T) {
	const frame = `
Parameters:
  Word: {Type: String, Default: word}
  Empty: {Type: String, Default: ""}
  List: {Type: CommaDelimitedList, Default: "a, b,c"}
Mappings:
  Sizes: {big: {count: 9}}
Conditions:
  Yes: !Equals [!Ref Word, word]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, {Condition: No}]
  Either: {Fn::Or: [{Condition: No}, {Condition: Yes}]}
Resources:
  Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub "t-${Word}"}}
  Plain: {Type: AWS::SQS::Queue}
  Role: {Type: AWS::IAM::Role}
  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: functions/the-function/}}
  Q:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: `
	for expression, want := range map[string]string{
		`!Ref Word`:                              "word",
		`{Ref: Word}`:                            "word",
		`!Ref Empty`:                             "",
		`!Ref Table`:                             "t-word",
		`!Ref Plain`:                             "http://aws/000000000000/Plain",
		`!Ref F`:                                 "the-function",
		`!Ref Role`:                              "Role",
		`!Ref AWS::Region`:                       "us-east-1",
		`!GetAtt Plain.Arn`:                      "arn:aws:sqs:us-east-1:000000000000:Plain",
		`!GetAtt Plain.QueueName`:                "Plain",
		`!GetAtt [Table, Arn]`:                   "arn:aws:dynamodb:us-east-1:000000000000:table/t-word",
		`{Fn::GetAtt: [Table, StreamArn]}`:       "arn:aws:dynamodb:us-east-1:000000000000:table/t-word/stream/local",
		`!GetAtt F.Arn`:                          "arn:aws:lambda:us-east-1:000000000000:function:the-function",
		`!GetAtt Role.Arn`:                       "arn:aws:iam:us-east-1:000000000000:Role",
		`!Sub "${Word}-${AWS::StackName}"`:       "word-local",
		`!Sub "${Plain.Arn}/${!Literal}"`:        "arn:aws:sqs:us-east-1:000000000000:Plain/${Literal}",
		`!Sub ["${X}-${Word}", {X: !Ref Table}]`: "t-word-word",
		`{Fn::Sub: "${Word}"}`:                   "word",
		`!Join ["-", [a, !Ref Word, b]]`:         "a-word-b",
		`!Join ["+", !Ref List]`:                 "a+b+c",
		`!Select [1, !Ref List]`:                 "b",
		`!Select [1, !Split ["/", "x/y"]]`:       "y",
		`!FindInMap [Sizes, big, count]`:         "9",
		`!If [Yes, one, two]`:                    "one",
		`!If [No, one, two]`:                     "two",
		`!If [Both, one, two]`:                   "two",
		`!If [Either, one, two]`:                 "one",
		`!If [Yes, !If [No, one, three], two]`:   "three",
	} {
		template, err := parse([]byte(frame+expression), nil, "http://aws", nil)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		queues := template.Queues()
		if got := queues[len(queues)-1].Name; got != want {
			t.Errorf("%s: got %q, want %q", expression, got, want)
		}
	}
	for expression, want := range map[string]string{
		`!GetAtt Nothing.Arn`:        "there is no resource",
		`!Sub "${Nothing}"`:          "there is no parameter or resource",
		`!Select [5, !Ref List]`:     "has no item 5",
		`!Join ["-"]`:                "needs a list of 2 arguments",
		`!FindInMap [Sizes, big, x]`: "there is no Sizes.big.x",
		`!If [Maybe, one, two]`:      `there is no condition "Maybe"`,
		`!Ref List`:                  "a single value is needed",
		`!Ref AWS::NoValue`:          "a single value is needed",
	} {
		_, err := parse([]byte(frame+expression), nil, "", nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "(line ") {
			t.Errorf("%s: got error %v, want %s and its line", expression, err, want)
		}
	}
}

func TestIntrinsics_NoValue(t *testing.T) {
	template, err := parse([]byte(`
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: f
      Timeout: !Ref AWS::NoValue
      Environment: {Variables: {A: !Ref AWS::NoValue, B: 2, C: true, D: ""}}
`), nil, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	f := template.Functions()[0]
	if f.Timeout.Seconds() != 3 || len(f.Environment) != 3 || f.Environment["B"] != "2" || f.Environment["C"] != "true" {
		t.Errorf("got function %+v, want a timeout of 3s and 3 variables with B=2 and C=true", f)
	}
}

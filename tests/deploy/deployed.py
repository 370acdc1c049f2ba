"""Compares a deployed stack with its template: deployed.py TEMPLATE ENDPOINT STACK CHECK.

CHECK is `stack`, the resources listed by CloudFormation, or `services`, the
resources listed by their services.
"""

import sys

import boto3
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """Replaces a query of IAM: the template names no managed policy."""

    def load(self):
        return {}


def read(path):
    with open(path, encoding="utf-8") as file:
        return yaml_parse(file)


def transformed(path):
    """Returns the resources that CloudFormation must create, by logical id."""
    template = read(path)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # sam deploy uploads the code and writes its address here.
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    resources = transform(template, {}, NoManagedPolicies())["Resources"]
    # The only condition is a domain name, and none is set.
    return {name: r for name, r in resources.items() if r.get("Condition") != "HasDomain"}


def check_stack(wanted, made):
    for name, resource in wanted.items():
        got = made.get(name)
        if got is None:
            yield f"{name} is missing"
        elif got["ResourceType"] != resource["Type"]:
            yield f"{name}: got a {got['ResourceType']}, want a {resource['Type']}"
        elif got["ResourceStatus"] != "CREATE_COMPLETE" or not got.get("PhysicalResourceId"):
            yield f"{name}: got {got['ResourceStatus']}, want CREATE_COMPLETE: {got.get('ResourceStatusReason')}"
    for name in made.keys() - wanted.keys():
        yield f"{name} is not in the template"


def check_services(wanted, made, client):
    """Checks the types with properties that services report. MiniStack leaves the
    table's expiry (TimeToLiveSpecification) out."""

    def ids(kind):
        return {n: made[n]["PhysicalResourceId"] for n, r in wanted.items() if r["Type"] == kind and n in made}

    def differs(name, what, got, want):
        if got != want:
            yield f"{name}: {what}: got {got}, want {want}"

    for name, physical in ids("AWS::Lambda::Function").items():
        got = client("lambda").get_function(FunctionName=physical)["Configuration"]
        want = wanted[name]["Properties"]
        for field in ("Runtime", "Handler", "MemorySize", "Timeout"):
            yield from differs(name, field, got[field], want[field])
        variables = got["Environment"]["Variables"]
        yield from differs(name, "variables", set(variables), set(want["Environment"]["Variables"]))
        yield from differs(name, "TABLE_NAME", variables.get("TABLE_NAME"), made["Table"]["PhysicalResourceId"])
    for name, physical in ids("AWS::DynamoDB::Table").items():
        got = client("dynamodb").describe_table(TableName=physical)["Table"]
        want = wanted[name]["Properties"]
        indexes = {i["IndexName"] for i in want["GlobalSecondaryIndexes"]}
        yield from differs(name, "indexes", {i["IndexName"] for i in got["GlobalSecondaryIndexes"]}, indexes)
        stream = got.get("StreamSpecification", {}).get("StreamViewType")
        yield from differs(name, "stream", stream, want["StreamSpecification"]["StreamViewType"])
    for name, physical in ids("AWS::Events::Rule").items():
        got = client("events").describe_rule(Name=physical.rpartition("/")[2])
        yield from differs(name, "schedule", got.get("ScheduleExpression"), wanted[name]["Properties"]["ScheduleExpression"])
    for name, physical in ids("AWS::CloudWatch::Alarm").items():
        got = client("cloudwatch").describe_alarms(AlarmNames=[physical])["MetricAlarms"]
        yield from differs(name, "alarms", len(got), 1)
    for name, physical in ids("AWS::Logs::LogGroup").items():
        got = client("logs").describe_log_groups(logGroupNamePrefix=physical)["logGroups"]
        yield from differs(name, "log groups", len(got), 1)
    for name, physical in ids("AWS::IAM::Role").items():
        client("iam").get_role(RoleName=physical)
    for name, physical in ids("AWS::ApiGateway::RestApi").items():
        stages = {s["stageName"] for s in client("apigateway").get_stages(restApiId=physical)["item"]}
        yield from differs(name, "stage live", "live" in stages, True)


def main(path, endpoint, stack, check):
    def client(service):
        return boto3.client(service, endpoint_url=endpoint)

    wanted = transformed(path)
    listed = client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    made = {r["LogicalResourceId"]: r for r in listed}
    problems = list(check_stack(wanted, made) if check == "stack" else check_services(wanted, made, client))
    print("\n".join(problems) or f"{len(wanted)} resources")
    sys.exit(len(problems) > 0)


if __name__ == "__main__":
    main(*sys.argv[1:])

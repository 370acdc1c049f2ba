"""Prints a summary of the template for CloudFormation: python transform.py template.yaml.

It runs the SAM transform, AWS's own code that comes with MiniStack, and prints
JSON: the number of resources of each type, and the routes with a streaming
integration. With a number, python transform.py template.yaml 100, the template's
functions are copied until there are that many.
"""

import collections
import copy
import itertools
import json
import os
import sys

# The transform needs a region, but calls no service.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402


class NoManagedPolicies:
    """Replaces a query of IAM: the template names no managed policy."""

    def load(self):
        return {}


def grow(resources, count):
    """Copies functions, one after the other, until there are count of them."""
    functions = [name for name, r in resources.items() if r["Type"] == "AWS::Serverless::Function"]
    for number, name in zip(range(len(functions), count), itertools.cycle(functions)):
        twin = copy.deepcopy(resources[name])
        for event in twin["Properties"].get("Events", {}).values():
            if event["Type"] == "Api":
                event["Properties"]["Path"] += f"/twin{number}"
        resources[f"{name}Twin{number}"] = twin


def main(path, count=0):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file)
    grow(template["Resources"], int(count))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # sam deploy uploads the code and writes its address here.
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    resources = transform(template, {}, NoManagedPolicies())["Resources"]
    streamed = []
    for resource in resources.values():
        if resource["Type"] != "AWS::ApiGateway::RestApi":
            continue
        for path, methods in resource["Properties"]["Body"]["paths"].items():
            for method, operation in methods.items():
                integration = operation["x-amazon-apigateway-integration"]
                if integration.get("responseTransferMode") == "STREAM":
                    uri = json.dumps(integration["uri"])
                    assert "/response-streaming-invocations" in uri, uri
                    streamed.append(f"{method.upper()} {path}")
    types = collections.Counter(resource["Type"] for resource in resources.values())
    json.dump({"Types": types, "Streamed": sorted(streamed)}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])

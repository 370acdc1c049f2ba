"""Prints what CloudFormation would be given: python transform.py template.yaml.

It runs the SAM transform, which is AWS's own and comes with MiniStack, and
prints JSON: how many resources there are of each type, and which routes have a
streaming integration.
"""

import collections
import json
import os
import sys

# The transform asks for a region before it does anything, but calls nothing.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402


class NoManagedPolicies:
    """Stands for a look into IAM: the template names no managed policy."""

    def load(self):
        return {}


def main(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # sam deploy uploads the code and writes such an address here.
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
    main(sys.argv[1])

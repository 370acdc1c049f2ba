// Makes src/openapi.gen.ts of AgentFlow's part of the OpenAPI document:
//
//     node generate.mjs
//
// The other surfaces are left out, so that a change of theirs does not touch
// this package.
// @ts-check
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

export const target = here("src/openapi.gen.ts");

/**
 * The types as they should be.
 * @param {any} document
 */
export async function generate(
  document = JSON.parse(readFileSync(here("../../api/openapi/document.json"), "utf8")),
  tag = "AgentFlow",
) {
  const part = { ...document, paths: {}, webhooks: {}, components: {} };
  for (const [path, item] of Object.entries(document.paths)) {
    const { parameters, ...operations } = item;
    const ours = Object.entries(operations).filter(([, operation]) => operation.tags?.includes(tag));
    if (ours.length > 0) {
      part.paths[path] = { ...(parameters && { parameters }), ...Object.fromEntries(ours) };
    }
  }
  addReferenced(document, part, part.paths);
  const types = astToString(await openapiTS(part, { alphabetize: true }));
  return `// Made by \`npm run generate\` from shared/api/openapi/document.json; do not edit.\n\n${types}`;
}

/**
 * Copies the components that node refers to, and those that they refer to.
 * @param {any} from
 * @param {any} to
 * @param {unknown} node
 */
function addReferenced(from, to, node) {
  if (typeof node !== "object" || node === null) {
    return;
  }
  for (const [name, value] of Object.entries(node)) {
    const [, kind = "", component = ""] = (name === "$ref" && /^#\/components\/([^/]+)\/([^/]+)$/.exec(value)) || [];
    if (kind === "") {
      addReferenced(from, to, value);
    } else if (!to.components[kind]?.[component]) {
      to.components[kind] = { ...to.components[kind], [component]: from.components[kind][component] };
      addReferenced(from, to, from.components[kind][component]);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(target, await generate());
}

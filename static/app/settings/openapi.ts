/** The OpenAPI document of the server as a list of requests, grouped as it groups them. Pure. */

export interface Parameter {
  readonly name: string;
  /** Where it stands: `path`, `query` or `body`. */
  readonly place: string;
  readonly isRequired: boolean;
  /** `text`, `whole number from 1`, `up, down or new`. */
  readonly type: string;
  readonly description: string;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
}

export interface OperationGroup {
  readonly tag: string;
  readonly operations: readonly Operation[];
}

type Fields = Readonly<Record<string, unknown>>;

const METHODS = ["get", "post", "put", "patch", "delete"];

/** Groups in the order in which the document comes to them. */
export function operationGroups(document: unknown): readonly OperationGroup[] {
  const groups = new Map<string, Operation[]>();
  for (const [path, item] of Object.entries(fields(fields(document).paths))) {
    for (const method of METHODS) {
      const operation = fields(fields(item)[method]);
      if (Object.keys(operation).length === 0) continue;
      const tag = text(list(operation.tags)[0]) || "Others";
      const group = groups.get(tag) ?? [];
      groups.set(tag, group);
      group.push(operationOf(document, path, method, operation));
    }
  }
  return [...groups].map(([tag, operations]) => ({ tag, operations }));
}

function operationOf(
  document: unknown,
  path: string,
  method: string,
  operation: Fields,
): Operation {
  const parameters = list(operation.parameters).map((one): Parameter => {
    const { name, in: place, required, description, schema } = resolved(document, one);
    return {
      name: text(name),
      place: text(place),
      isRequired: required === true,
      type: typeText(document, schema),
      description: text(description),
    };
  });
  const content = fields(fields(resolved(document, operation.requestBody).content));
  const body = resolved(document, fields(content["application/json"]).schema);
  const required = list(body.required);
  const inBody = Object.entries(fields(body.properties)).map(([name, schema]): Parameter => ({
    name,
    place: "body",
    isRequired: required.includes(name),
    type: typeText(document, schema),
    description: text(resolved(document, schema).description),
  }));
  return {
    id: text(operation.operationId) || `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    summary: text(operation.summary),
    description: text(operation.description),
    parameters: [...parameters, ...inBody],
  };
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "true or false",
  array: "list",
  object: "object",
  null: "null",
};

function typeText(document: unknown, schema: unknown): string {
  const one = resolved(document, schema);
  const choices = list(one.enum);
  if (choices.length > 0) return choices.map(String).join(", ");
  if (one.const !== undefined) return String(one.const);
  const variants = [...list(one.anyOf), ...list(one.oneOf)];
  if (variants.length > 0) {
    return [...new Set(variants.map((variant) => typeText(document, variant)))].join(" or ");
  }
  const kinds = Array.isArray(one.type) ? one.type : [one.type];
  const words = kinds.map((kind) => TYPES[String(kind)] ?? "any").join(" or ");
  const items = one.type === "array" ? typeText(document, one.items) : "any";
  const of = items === "any" ? "" : ` of ${items}`;
  // The largest whole number stands for "no limit".
  const most = number(one.maximum) === Number.MAX_SAFE_INTEGER ? null : number(one.maximum);
  const least = number(one.minimum);
  const range = (least === null || least < -1e15 ? "" : ` from ${least}`) +
    (most === null ? "" : ` to ${most}`);
  const standard = one.default === undefined ? "" : `, ${JSON.stringify(one.default)} if left out`;
  return words + of + range + standard;
}

/** What a schema refers to, by a path within the document. */
function resolved(document: unknown, schema: unknown): Fields {
  let one = fields(schema);
  for (let depth = 0; typeof one.$ref === "string" && depth < 10; depth++) {
    one = fields(
      one.$ref.replace(/^#\//, "").split("/").reduce<unknown>(
        (at, key) => fields(at)[key],
        document,
      ),
    );
  }
  return one;
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? value as Fields : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

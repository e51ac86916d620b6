import { type ColumnType, gatewayColumns, type Row, type Value } from "./gateway-rows.ts";
import { type Aggregate, type Condition, type Query, QueryProblem } from "./parse-query.ts";

/** A result as the query API gives it. */
export interface ResultTable {
  name: "PrimaryResult";
  columns: { name: string; type: ColumnType }[];
  rows: (string | number | boolean | null)[][];
}

/** Evaluates a query over rows of the one table that is played. Throws QueryProblem for names that are not there. */
export function evaluateQuery(query: Query, rows: readonly Row[]): ResultTable {
  if (query.table !== "ApiManagementGatewayLogs") {
    throw new QueryProblem(
      "SemanticError",
      `'where' operator: Failed to resolve table or column expression named '${query.table}'`,
    );
  }
  const conditions = query.conditions.map(toTest);
  const matching = rows.filter((row) => conditions.every((test) => test(row)));
  const { columns, values } = query.summarize
    ? summarize(query.summarize, matching)
    : {
        columns: [...gatewayColumns].map(([name, type]) => ({ name, type })),
        values: matching.map((row) => [...row.values()]),
      };
  return { name: "PrimaryResult", columns, rows: top(query.top, columns, values).map((row) => row.map(toJson)) };
}

function toTest(condition: Condition): (row: Row) => boolean {
  const type = typeOf(condition.column);
  if (condition.operator === "between") {
    if (type !== "datetime") throw typeMismatch(condition.column, type);
    const { column, from, until } = condition;
    return (row) => {
      const value = row.get(column);
      return value instanceof Date && value >= from && value <= until;
    };
  }
  if (type !== "string") throw typeMismatch(condition.column, type);
  const { column, operator, text } = condition;
  const ignoreCase = operator === "=~";
  return (row) => {
    const value = String(row.get(column) ?? "");
    return ignoreCase ? value.toLowerCase() === text.toLowerCase() : value === text;
  };
}

function summarize(
  { aggregates, by }: NonNullable<Query["summarize"]>,
  rows: readonly Row[],
): { columns: ResultTable["columns"]; values: Value[][] } {
  const columns = [
    ...by.map((name) => ({ name, type: typeOf(name) })),
    ...aggregates.map((one) => ({
      name: one.name,
      type: one.column === undefined ? ("long" as const) : typeOf(one.column),
    })),
  ];
  const groups = Map.groupBy(rows, (row) => JSON.stringify(by.map((name) => row.get(name))));
  const values = [...groups.values()].map((group) => [
    ...by.map((name) => group[0]?.get(name) ?? null),
    ...aggregates.map((one) => aggregate(one, group)),
  ]);
  return { columns, values };
}

function aggregate({ function: called, column }: Aggregate, group: readonly Row[]): Value {
  if (called === "count" || column === undefined) return group.length;
  const values = group.flatMap((row) => {
    const value = row.get(column);
    return value === null || value === undefined ? [] : [value];
  });
  return values.reduce<Value>((best, value) => {
    if (best === null) return value;
    return (called === "min" ? value < best : value > best) ? value : best;
  }, null);
}

function top(wanted: Query["top"], columns: ResultTable["columns"], values: readonly Value[][]): readonly Value[][] {
  if (!wanted) return values;
  const index = columns.findIndex(({ name }) => name === wanted.by);
  if (index < 0) throw unresolved(wanted.by);
  return values.toSorted((a, b) => Number(b[index] ?? 0) - Number(a[index] ?? 0)).slice(0, wanted.rows);
}

function toJson(value: Value): string | number | boolean | null {
  return value instanceof Date ? value.toISOString() : value;
}

function typeOf(column: string): ColumnType {
  const type = gatewayColumns.get(column);
  if (type === undefined) throw unresolved(column);
  return type;
}

function unresolved(name: string): QueryProblem {
  return new QueryProblem("SemanticError", `Failed to resolve column or scalar expression named '${name}'`);
}

function typeMismatch(column: string, type: ColumnType): QueryProblem {
  return new QueryProblem("SemanticError", `Cannot compare ${column} of type ${type} with that value`);
}

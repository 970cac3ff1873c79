// What the warehouse's part of the API answers.

export interface CatalogColumn {
  name: string;
  type: string;
  notNull: boolean;
  default?: string;
  comment?: string;
  encode?: string;
  distkey?: boolean;
  sortkey?: number;
}

export interface CatalogTable {
  name: string;
  type: 'table' | 'view';
  rows?: number;
  bytes?: number;
  dist?: string;
  sortkeys?: string[];
  comment?: string;
  columns: CatalogColumn[];
  lastLoad?: number;
}

export interface Catalog {
  schemas: { name: string; tables: CatalogTable[] }[];
}

export interface Load {
  id: string;
  at: number;
  table?: string;
  source: string;
  /** undefined where the warehouse has forgotten. */
  rows?: number;
  files: number;
  status: string;
  ms?: number;
  errors?: number;
  error?: string;
}

export interface LoadError {
  query: string;
  at: number;
  file: string;
  line: number;
  column: string;
  type?: string;
  value: string;
  raw: string;
  code?: string;
  reason: string;
}

export interface Statement {
  id: string;
  pid?: number;
  sql: string;
  start: number;
  ms?: number;
  status: string;
  error?: string;
  rows?: number;
}

const plain = /^[a-z_][a-z0-9_]*$/;

/** identifier writes a name for SQL, quoted where it must be. */
export function identifier(name: string): string {
  return plain.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** tableName writes a table's name; public is on the search path. */
export function tableName(schema: string, table: string): string {
  return schema === 'public' ? identifier(table) : `${identifier(schema)}.${identifier(table)}`;
}

// A definition as a graph: states as nodes, transitions as edges, Parallel and Map as clusters.

/** A State as the graph shows it. */
export interface Node {
  id: string;
  type: string;
  /** The id of the Parallel or Map that it is in. */
  parent?: string;
  /** Its branch, "Both 0"; of a Map's processor "Each 0". */
  branch?: string;
  /** A second line: what a Task calls, how long a Wait waits. */
  detail?: string;
  distributed?: boolean;
  start?: boolean;
  end?: boolean;
}

export interface Edge {
  from: string;
  to: string;
  kind: 'next' | 'choice' | 'default' | 'catch';
  label?: string;
}

/** A Graph is a definition as nodes and edges. Starts are the entry states of each sequence. */
export interface Graph {
  nodes: Node[];
  edges: Edge[];
  /** By id: the state's definition. */
  states: Map<string, Record<string, unknown>>;
  language: 'JSONPath' | 'JSONata';
  /** The order of the nodes means nothing: the edges alone say what comes first. */
  unordered?: boolean;
}

type Json = Record<string, unknown>;
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);
const str = (v: unknown): string | undefined => (typeof v === 'string' ? v : undefined);

/** graphOf reads a definition. What is not understood is left out: a definition being typed still has a graph. It answers undefined where the text is no JSON object. */
export function graphOf(definition: string): Graph | undefined {
  let doc: unknown;
  try {
    doc = JSON.parse(definition);
  } catch {
    return undefined;
  }
  if (!isObject(doc) || !isObject(doc.States)) return undefined;
  const g: Graph = { nodes: [], edges: [], states: new Map(), language: doc.QueryLanguage === 'JSONata' ? 'JSONata' : 'JSONPath' };
  sequence(g, doc, undefined, undefined, 0);
  const known = new Set(g.nodes.map((n) => n.id));
  g.edges = g.edges.filter((e) => known.has(e.to));
  return g;
}

function sequence(g: Graph, doc: Json, parent: string | undefined, branch: string | undefined, depth: number): void {
  if (!isObject(doc.States) || depth > 20) return;
  const own = Object.entries(doc.States);
  for (const [id, raw] of own) {
    if (!isObject(raw) || g.states.has(id)) continue;
    const type = str(raw.Type) ?? '';
    const node: Node = { id, type };
    if (parent !== undefined) node.parent = parent;
    if (branch !== undefined) node.branch = branch;
    const detail = detailOf(raw, type);
    if (detail) node.detail = detail;
    if (doc.StartAt === id) node.start = true;
    if (raw.End === true || type === 'Succeed' || type === 'Fail') node.end = true;
    g.states.set(id, raw);
    g.nodes.push(node);
    edgesOf(g, id, raw, type);
    if (type === 'Parallel' && Array.isArray(raw.Branches)) {
      raw.Branches.forEach((b, i) => isObject(b) && sequence(g, b, id, `${id} ${i}`, depth + 1));
    }
    const processor = isObject(raw.ItemProcessor) ? raw.ItemProcessor : isObject(raw.Iterator) ? raw.Iterator : undefined;
    if (type === 'Map' && processor) {
      const config = isObject(processor.ProcessorConfig) ? processor.ProcessorConfig : {};
      if (config.Mode === 'DISTRIBUTED') node.distributed = true;
      sequence(g, processor, id, `${id} 0`, depth + 1);
    }
  }
}

function edgesOf(g: Graph, id: string, s: Json, type: string): void {
  const next = str(s.Next);
  if (next !== undefined) g.edges.push({ from: id, to: next, kind: 'next' });
  if (type === 'Choice') {
    if (Array.isArray(s.Choices)) {
      for (const c of s.Choices) {
        if (!isObject(c)) continue;
        const to = str(c.Next);
        if (to !== undefined) g.edges.push({ from: id, to, kind: 'choice', label: conditionOf(c) });
      }
    }
    const other = str(s.Default);
    if (other !== undefined) g.edges.push({ from: id, to: other, kind: 'default', label: 'otherwise' });
  }
  if (Array.isArray(s.Catch)) {
    for (const c of s.Catch) {
      if (!isObject(c)) continue;
      const to = str(c.Next);
      if (to !== undefined) g.edges.push({ from: id, to, kind: 'catch', label: Array.isArray(c.ErrorEquals) ? c.ErrorEquals.join(', ') : '' });
    }
  }
}

const signs: Record<string, string> = {
  StringEquals: '=', NumericEquals: '=', BooleanEquals: '=', TimestampEquals: '=',
  StringLessThan: '<', NumericLessThan: '<', TimestampLessThan: '<',
  StringGreaterThan: '>', NumericGreaterThan: '>', TimestampGreaterThan: '>',
  StringLessThanEquals: '≤', NumericLessThanEquals: '≤', TimestampLessThanEquals: '≤',
  StringGreaterThanEquals: '≥', NumericGreaterThanEquals: '≥', TimestampGreaterThanEquals: '≥',
  StringMatches: 'like', IsPresent: 'is present', IsNull: 'is null', IsNumeric: 'is numeric', IsString: 'is string', IsBoolean: 'is boolean', IsTimestamp: 'is timestamp',
};

/** conditionOf writes a choice's rule in a few words. */
export function conditionOf(c: Json): string {
  const condition = str(c.Condition);
  if (condition !== undefined) return condition.replace(/^\{%\s*|\s*%\}$/g, '');
  for (const [word, join] of [['And', ' and '], ['Or', ' or ']] as const) {
    const list = c[word];
    if (Array.isArray(list)) return list.filter(isObject).map(conditionOf).join(join);
  }
  if (isObject(c.Not)) return `not ${conditionOf(c.Not)}`;
  const variable = str(c.Variable) ?? '';
  for (const [k, v] of Object.entries(c)) {
    if (['Variable', 'Next', 'Comment', 'Assign', 'Output'].includes(k)) continue;
    const path = k.endsWith('Path');
    const name = path ? k.slice(0, -4) : k;
    const sign = signs[name];
    if (!sign) continue;
    if (name.startsWith('Is')) return v === false ? `${variable} ${sign.replace('is ', 'is not ')}` : `${variable} ${sign}`;
    return `${variable} ${sign} ${path ? String(v) : JSON.stringify(v)}`;
  }
  return variable;
}

function detailOf(s: Json, type: string): string | undefined {
  switch (type) {
    case 'Task': {
      const resource = str(s.Resource) ?? '';
      const args = isObject(s.Arguments) ? s.Arguments : isObject(s.Parameters) ? s.Parameters : {};
      if (resource.includes(':lambda:') && resource.includes(':function:')) return resource.slice(resource.indexOf(':function:') + 10);
      if (resource.startsWith('arn:aws:states:::lambda:invoke')) return `lambda ${last(str(args.FunctionName) ?? 'invoke')}`;
      if (resource.startsWith('arn:aws:states:::')) return resource.slice(17).replace('aws-sdk:', '').replace(':', ' ');
      return last(resource);
    }
    case 'Wait': {
      if (typeof s.Seconds === 'number') return `${s.Seconds} s`;
      return str(s.SecondsPath) ?? str(s.Seconds) ?? str(s.Timestamp) ?? str(s.TimestampPath);
    }
    case 'Fail':
      return str(s.Error) ?? str(s.ErrorPath);
    case 'Map': {
      const n = s.MaxConcurrency;
      return typeof n === 'number' && n > 0 ? `${n} at once` : undefined;
    }
  }
  return undefined;
}

const last = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

import { useMemo } from 'react';
import { useQuery } from '../../api/cache';
import { aws } from '../../api/client';
import { Link, navigate, to } from '../../app/router';
import { bytes, millis } from '../../lib/format';
import { Await, Empty, Status, Text, Time } from '../../ui/bits';
import { Table, type Column } from '../../ui/table';
import '../machines/machines.css';

/** A Configuration of a function, as AWS names it. */
export interface Configuration {
  FunctionName: string;
  FunctionArn: string;
  Runtime?: string;
  Handler?: string;
  CodeSize?: number;
  Description?: string;
  Timeout?: number;
  MemorySize?: number;
  LastModified?: string;
  State?: string;
  StateReason?: string;
  PackageType?: string;
  Version?: string;
  RevisionId?: string;
  Role?: string;
  Environment?: { Variables?: Record<string, string> };
}

/** Functions lists the functions. */
export default function Functions(): React.ReactElement {
  const list = useQuery('functions', async (s) => {
    const out: Configuration[] = [];
    let Marker: string | undefined;
    do {
      const p = await aws<{ Functions?: Configuration[]; NextMarker?: string }>('lambda', 'ListFunctions', { MaxItems: 50, ...(Marker ? { Marker } : {}) }, s);
      out.push(...(p.Functions ?? []));
      Marker = p.NextMarker;
    } while (Marker && out.length < 2000);
    return out;
  }, { on: (c) => c.topic === 'function' });
  const columns = useMemo<Column<Configuration>[]>(() => [
    { id: 'name', name: 'Name', width: 'minmax(200px, 2fr)', sort: (f) => f.FunctionName, cell: (f) => <Link to={to.fn(f.FunctionName)} className="strong-link"><Text>{f.FunctionName}</Text></Link> },
    { id: 'runtime', name: 'Runtime', width: '120px', sort: (f) => f.Runtime, cell: (f) => f.Runtime ?? f.PackageType ?? '' },
    { id: 'state', name: 'State', width: '120px', cell: (f) => <Status value={(f.State ?? 'ACTIVE').toUpperCase()} /> },
    { id: 'memory', name: 'Memory', width: '90px', align: 'right', minor: true, sort: (f) => f.MemorySize, cell: (f) => `${f.MemorySize ?? 128} MB` },
    { id: 'timeout', name: 'Timeout', width: '84px', align: 'right', minor: true, sort: (f) => f.Timeout, cell: (f) => `${f.Timeout ?? 3} s` },
    { id: 'size', name: 'Code', width: '90px', align: 'right', minor: true, sort: (f) => f.CodeSize, cell: (f) => bytes(f.CodeSize) },
    { id: 'changed', name: 'Changed', width: '150px', minor: true, sort: (f) => f.LastModified, cell: (f) => <Time at={millis(f.LastModified)} /> },
    { id: 'what', name: 'Description', width: 'minmax(100px, 2fr)', minor: true, cell: (f) => <Text className="muted">{f.Description ?? ''}</Text> },
  ], []);
  return (
    <>
      <div className="page-head"><h1>Functions</h1></div>
      <Await of={list}>
        {(d) =>
          d.length === 0 ? (
            <div className="card"><Empty icon="functions" title="No function yet">A function's code runs as a process of its runtime on this machine. A template deploys one, or:<pre>aws lambda create-function --function-name hello --runtime python3.12 --handler hello.handler --zip-file fileb://hello.zip --role arn:aws:iam::000000000000:role/any</pre></Empty></div>
          ) : (
            <Table label="Functions" rows={d} columns={columns} rowKey={(f) => f.FunctionArn} fit onOpen={(f) => navigate(to.fn(f.FunctionName))} />
          )
        }
      </Await>
    </>
  );
}

import { useMemo, useState } from 'react';
import { useQuery } from '../../api/cache';
import { aws } from '../../api/client';
import { Link, navigate, to } from '../../app/router';
import { millis } from '../../lib/format';
import { Await, Empty, Text, Time } from '../../ui/bits';
import { confirm, Dialog } from '../../ui/dialog';
import { Icon } from '../../ui/icon';
import { Table, type Column } from '../../ui/table';
import { toast, toastError } from '../../ui/toast';
import '../machines/machines.css';

interface Bucket {
  Name: string;
  CreationDate?: number | string;
  BucketRegion?: string;
}

/** Buckets lists the buckets. */
export default function Buckets(): React.ReactElement {
  const [making, setMaking] = useState(false);
  const list = useQuery('buckets', async (s) => (await aws<{ Buckets?: Bucket[] }>('s3', 'ListBuckets', {}, s)).Buckets ?? [], { on: (c) => c.topic === 'bucket' });
  const remove = async (b: Bucket): Promise<void> => {
    if (!(await confirm({ title: `Delete ${b.Name}?`, body: 'Only an empty bucket can be deleted. Its name is free again afterwards.', action: 'Delete the bucket', danger: true }))) return;
    await aws('s3', 'DeleteBucket', { Bucket: b.Name }).then(() => { toast({ kind: 'ok', text: `${b.Name} is deleted` }); list.refetch(); }, (e: unknown) => toastError('The bucket was not deleted', e));
  };
  const columns = useMemo<Column<Bucket>[]>(() => [
    { id: 'name', name: 'Name', width: 'minmax(220px, 2fr)', sort: (b) => b.Name, cell: (b) => <><Icon name="objects" className="faint" /><Link to={to.object(b.Name)} className="strong-link"><Text>{b.Name}</Text></Link></> },
    { id: 'region', name: 'Region', width: '130px', minor: true, cell: (b) => b.BucketRegion ?? '' },
    { id: 'created', name: 'Created', width: '170px', sort: (b) => millis(b.CreationDate), cell: (b) => <Time at={millis(b.CreationDate)} /> },
    { id: 'act', name: '', width: '50px', cell: (b) => <button className="icon-button" aria-label={`Delete ${b.Name}`} onClick={() => void remove(b)}><Icon name="trash" /></button> },
    // remove is made anew with each render but does the same
    // eslint-disable-next-line
  ], []);
  return (
    <>
      <div className="page-head"><h1>Objects</h1><div className="grow" /><button className="button" onClick={() => setMaking(true)}><Icon name="plus" />New bucket</button></div>
      <Await of={list}>
        {(d) => d.length === 0 ? (
          <div className="card"><Empty icon="objects" title="No bucket yet">A bucket holds objects: files that jobs and COPY read. Make one here, or with the CLI:<pre>aws s3 mb s3://my-data{'\n'}aws s3 cp orders.csv.gz s3://my-data/landing/</pre></Empty></div>
        ) : <Table label="Buckets" rows={d} columns={columns} rowKey={(b) => b.Name} fit onOpen={(b) => navigate(to.object(b.Name))} />}
      </Await>
      {making ? <NewBucket onClose={() => setMaking(false)} onMade={(n) => { setMaking(false); navigate(to.object(n)); }} /> : null}
    </>
  );
}

function NewBucket({ onClose, onMade }: { onClose: () => void; onMade: (name: string) => void }): React.ReactElement {
  const [name, setName] = useState('');
  return (
    <Dialog title="New bucket" onClose={onClose}>
      <form onSubmit={(e) => { e.preventDefault(); void aws('s3', 'CreateBucket', { Bucket: name }).then(() => onMade(name), (x: unknown) => toastError('The bucket was not made', x)); }}>
        <div className="dialog-body"><label className="field"><span>Name</span><input type="text" autoFocus value={name} onChange={(e) => setName(e.target.value)} placeholder="lower case letters, digits, hyphens" /></label></div>
        <footer className="dialog-foot"><button type="button" className="button" onClick={onClose}>Cancel</button><button className="button button-primary" disabled={!name}>Make it</button></footer>
      </form>
    </Dialog>
  );
}

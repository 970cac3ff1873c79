import { useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react';
import type { Language } from '../lib/language';
import type { Handle, Mark, Options } from './editor-core';

export type { Handle as EditorHandle, Mark } from './editor-core';

/** Editor edits a text. Its value may be set from outside; what is typed comes by onChange. */
export function Editor(props: {
  value: string;
  onChange?: (v: string) => void;
  language: Language;
  label: string;
  marks?: Mark[] | undefined;
  readOnly?: boolean;
  placeholder?: string;
  height?: number | string;
  schema?: Options['schema'];
  complete?: Options['complete'];
  onRun?: Options['onRun'];
  handle?: Ref<Handle | null>;
}): React.ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Handle | null>(null);
  const latest = useRef(props);
  latest.current = props;
  useImperativeHandle(props.handle, () => editor as Handle, [editor]);

  useEffect(() => {
    let gone = false;
    let made: Handle | undefined;
    void import('./editor-core').then(({ mount }) => {
      if (gone || !host.current) return;
      const p = latest.current;
      made = mount(host.current, {
        value: p.value, language: p.language, label: p.label, readOnly: p.readOnly, placeholder: p.placeholder, schema: p.schema, complete: p.complete,
        onChange: (v) => latest.current.onChange?.(v),
        onRun: p.onRun ? (text, from) => latest.current.onRun?.(text, from) : undefined,
      });
      if (p.marks?.length) made.setMarks(p.marks);
      setEditor(made);
    });
    return () => {
      gone = true;
      made?.destroy();
      setEditor(null);
    };
  }, [props.language, props.readOnly]);

  useEffect(() => editor?.setValue(props.value), [editor, props.value]);
  useEffect(() => editor?.setMarks(props.marks ?? []), [editor, props.marks]);
  useEffect(() => {
    if (props.schema) editor?.setSchema(props.schema);
  }, [editor, props.schema]);

  return <div className="editor" style={{ height: props.height ?? 200 }}><div ref={host} /></div>;
}

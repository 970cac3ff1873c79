// The editor itself, loaded when the first one is shown. It lives in a shadow
// root: there CodeMirror adopts style sheets, which the content security policy
// allows, instead of writing style elements, which it does not.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionSource } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { PostgreSQL, sql, type SQLNamespace } from '@codemirror/lang-sql';
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { javascript } from '@codemirror/legacy-modes/mode/javascript';
import { python } from '@codemirror/legacy-modes/mode/python';
import { shell } from '@codemirror/legacy-modes/mode/shell';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, Prec, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers, placeholder as placeholderOf } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Language } from '../lib/language';

/** A Mark is a fault at a place of the text (UTF-16 offsets). */
export interface Mark {
  from: number;
  to: number;
  severity: 'error' | 'warning' | 'info';
  message: string;
}

export interface Options {
  value: string;
  language: Language;
  label: string;
  readOnly?: boolean | undefined;
  placeholder?: string | undefined;
  schema?: SQLNamespace | undefined;
  complete?: CompletionSource | undefined;
  onChange?: ((value: string) => void) | undefined;
  /** Ctrl-Enter or Cmd-Enter; answers the selected text, or "" */
  onRun?: ((selected: string, from: number) => void) | undefined;
}

/** A Handle steers a mounted editor. */
export interface Handle {
  setValue(v: string): void;
  setMarks(m: Mark[]): void;
  setSchema(s: SQLNamespace): void;
  reveal(offset: number): void;
  insert(text: string): void;
  selection(): { text: string; from: number };
  focus(): void;
  destroy(): void;
}

const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'transparent', fontSize: '12.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--text)', padding: '6px 0' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--faint)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--hover) 60%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--select)', outline: '1px solid var(--line-strong)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--select)' },
  '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)', fontFamily: 'var(--font)' },
  '.cm-textfield': { backgroundColor: 'var(--surface)', border: '1px solid var(--line-strong)' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--surface)', border: '1px solid var(--line-strong)' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', border: '1px solid var(--line-strong)', borderRadius: '6px', color: 'var(--text)' },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '12px' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--select)', color: 'var(--text)' },
  '.cm-diagnostic': { fontFamily: 'var(--font)', fontSize: '12.5px', whiteSpace: 'pre-wrap' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--raised)', border: '1px solid var(--line)', color: 'var(--muted)' },
  '.cm-placeholder': { color: 'var(--faint)' },
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--t-key)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--t-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--t-number)' },
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--t-word)' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--t-key)' },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: 'var(--t-comment)', fontStyle: 'italic' },
  { tag: tags.variableName, color: 'var(--t-key)' },
  { tag: tags.invalid, color: 'var(--s-failed)' },
]);

const jsonata = StreamLanguage.define({
  name: 'jsonata',
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^\/\*.*?(\*\/|$)/)) return 'comment';
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) return 'string';
    if (stream.match(/^\d+(\.\d+)?([eE][+-]?\d+)?/)) return 'number';
    if (stream.match(/^\$\$?[A-Za-z_][\w.]*/)) return 'variableName';
    if (stream.match(/^(and|or|in|true|false|null|function)\b/)) return 'keyword';
    if (stream.match(/^[A-Za-z_]\w*/)) return 'propertyName';
    stream.next();
    return null;
  },
});

const languages: Partial<Record<Language, Extension>> = {
  json: json(),
  jsonata,
  python: StreamLanguage.define(python),
  javascript: StreamLanguage.define(javascript),
  shell: StreamLanguage.define(shell),
};

/** mount puts an editor into host. */
export function mount(host: HTMLElement, o: Options): Handle {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  root.replaceChildren();
  const parent = document.createElement('div');
  parent.style.height = '100%';
  root.append(parent);
  const language = new Compartment();
  const lang = (schema?: SQLNamespace): Extension =>
    o.language === 'sql' ? sql({ dialect: PostgreSQL, upperCaseKeywords: true, ...(schema ? { schema } : {}) }) : (languages[o.language] ?? []);
  let quiet = false;
  const selected = (v: EditorView): { text: string; from: number } => {
    const r = v.state.selection.main;
    return { text: v.state.sliceDoc(r.from, r.to), from: r.from };
  };
  const extensions: Extension[] = [
    o.language === 'text' || o.language === 'jsonata' ? [] : lineNumbers(),
    o.language === 'json' ? foldGutter() : [],
    highlightSpecialChars(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    o.readOnly ? [EditorState.readOnly.of(true)] : highlightActiveLine(),
    highlightSelectionMatches(),
    autocompletion(o.complete ? { override: [o.complete] } : {}),
    syntaxHighlighting(colours),
    look,
    language.of(lang(o.schema)),
    o.language === 'json' && !o.readOnly ? lintGutter() : [],
    EditorView.contentAttributes.of({ 'aria-label': o.label, spellcheck: 'false', dir: 'ltr', tabindex: '0' }),
    o.placeholder ? placeholderOf(o.placeholder) : [],
    o.language === 'jsonata' || o.language === 'text' || o.language === 'sql' ? EditorView.lineWrapping : [],
    Prec.highest(
      keymap.of([
        {
          key: 'Mod-Enter',
          run: (v) => {
            if (!o.onRun) return false;
            const s = selected(v);
            o.onRun(s.text, s.from);
            return true;
          },
        },
      ]),
    ),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...(o.readOnly ? [] : [indentWithTab])]),
    EditorView.updateListener.of((u) => {
      if (u.docChanged && !quiet) o.onChange?.(u.state.doc.toString());
    }),
  ];
  const view = new EditorView({ state: EditorState.create({ doc: o.value, extensions }), parent, root });
  return {
    setValue(v) {
      if (v === view.state.doc.toString()) return;
      quiet = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: v } });
      quiet = false;
    },
    setMarks(marks) {
      const n = view.state.doc.length;
      const list: Diagnostic[] = marks.map((m) => {
        const from = Math.max(0, Math.min(m.from, n));
        return { ...m, from, to: Math.max(from, Math.min(m.to, n)) };
      });
      view.dispatch(setDiagnostics(view.state, list));
    },
    setSchema(s) {
      view.dispatch({ effects: language.reconfigure(lang(s)) });
    },
    reveal(offset) {
      const at = Math.max(0, Math.min(offset, view.state.doc.length));
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
      view.focus();
    },
    insert(text) {
      view.dispatch(view.state.replaceSelection(text));
      view.focus();
    },
    selection: () => selected(view),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

import { Checkbox } from 'antd-mobile'
import { useId, useState } from 'react'
import type { BibBriefJson, ClcClassJson, RecordPageJson } from '../../gateway/http/api/open.ts'
import { QuietAct } from '../base/acts.tsx'
import { Cover } from '../base/cover.tsx'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Empty, Loaded } from '../base/parts.tsx'
import { goInstead, to, useRoute } from '../base/route.ts'
import { useWords } from '../base/words.tsx'
import { Browse, SearchBox } from './finding.tsx'
import { useTown } from './session.ts'
import { Page } from './shell.tsx'

const pageSize = 20

type Asked = Record<'q' | 'field' | 'library' | 'clc' | 'available' | 'sort', string>

const useAsked = (): Asked => {
  const { query } = useRoute()
  const ask = (name: keyof Asked) => query.get(name) ?? ''
  return {
    q: ask('q'),
    field: ask('field'),
    library: ask('library'),
    clc: ask('clc'),
    available: ask('available'),
    sort: ask('sort'),
  }
}

const addressOf = (asked: Asked, cursor: string | null): string => {
  const filled = Object.entries(asked).filter(([, value]) => value !== '')
  const query = new URLSearchParams([
    ...filled,
    ['limit', String(pageSize)],
    ...(cursor ? [['cursor', cursor]] : []),
  ])
  return `/api/records?${query}`
}

const Choice = (props: {
  label: string
  value: string
  options: readonly (readonly [string, string])[]
  choose: (value: string) => void
}) => {
  const id = useId()
  return (
    <div className={props.value ? 'choice chosen' : 'choice'}>
      <label className="hidden" htmlFor={id}>
        {props.label}
      </label>
      <select id={id} value={props.value} onChange={event => props.choose(event.target.value)}>
        {props.options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  )
}

const Filters = ({ asked }: { asked: Asked }) => {
  const { t, w } = useWords()
  const { data: town } = useTown()
  const { data: classes } = useData<ClcClassJson[]>('/api/clc')
  const set = (changes: Partial<Asked>) => goInstead(to('search', { ...asked, ...changes }))
  const words = t.reader.results
  return (
    <div className="filters">
      <Checkbox checked={asked.available === '1'} onChange={on => set({ available: on ? '1' : '' })}>
        {words.onlyFree}
      </Checkbox>
      <Choice
        label={words.library}
        value={asked.library}
        options={[['', words.anyLibrary], ...(town?.libraries ?? []).map(l => [l.id, w(l.name)] as const)]}
        choose={library => set({ library })}
      />
      <Choice
        label={words.class}
        value={asked.clc}
        options={[
          ['', words.anyClass],
          ...(classes ?? []).map(c => [c.code, t.reader.classOf(c.code, w(c.name))] as const),
        ]}
        choose={clc => set({ clc })}
      />
      <Choice
        label={words.field}
        value={asked.field}
        options={Object.entries(words.fields).map(
          ([value, name]) => [value === 'any' ? '' : value, name] as const,
        )}
        choose={field => set({ field })}
      />
      <Choice
        label={words.sort}
        value={asked.sort}
        options={[
          ['', words.relevance],
          ['new', words.newest],
        ]}
        choose={sort => set({ sort })}
      />
    </div>
  )
}

/** Title, maker, and in words whether it can be had. */
export const Found = ({ book }: { book: BibBriefJson }) => {
  const { t } = useWords()
  const made = [book.author, book.publisher, book.year].filter(Boolean).join(' · ')
  return (
    <li>
      <a className="found" href={to(`book/${encodeURIComponent(book.id)}`)}>
        <Cover book={book} width={60} />
        <span className="found-text">
          <span className="title">
            {book.title}
            {book.titleRest && <span className="quiet"> {book.titleRest}</span>}
          </span>
          <span className="quiet small">{made || t.reader.nobody}</span>
          <span className={book.free > 0 ? 'small free' : 'small quiet'}>
            {book.free > 0 && <Icon name="yes" size={16} />}
            {book.free > 0 ? t.reader.results.free(book.free) : t.reader.results.noneFree}
          </span>
        </span>
        {book.clc && <span className="quiet small figure clc">{book.clc}</span>}
      </a>
    </li>
  )
}

const ResultPages = ({ asked }: { asked: Asked }) => {
  const { t } = useWords()
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null])
  return (
    <>
      {cursors.map((cursor, at) => (
        <OnePage
          key={cursor ?? ''}
          path={addressOf(asked, cursor)}
          first={at === 0}
          {...(at === cursors.length - 1 ? { more: (next: string) => setCursors([...cursors, next]) } : {})}
        />
      ))}
      <span className="hidden" role="status">
        {t.reader.results.title}
      </span>
    </>
  )
}

const OnePage = (props: { path: string; first: boolean; more?: (next: string) => void }) => {
  const { t } = useWords()
  const page = useData<RecordPageJson>(props.path)
  return (
    <Loaded of={page} lines={8}>
      {({ items, next, total }) => (
        <>
          {props.first && total > 0 && (
            <p className="quiet small" role="status">
              {t.reader.results.found(total)}
            </p>
          )}
          {props.first && total === 0 && (
            <Empty say={t.reader.results.none}>
              <p>{t.reader.results.noneNext}</p>
              <a href="#/">{t.reader.browse}</a>
            </Empty>
          )}
          {items.length > 0 && (
            <ul className="card rows">
              {items.map(book => (
                <Found key={book.id} book={book} />
              ))}
            </ul>
          )}
          {next && props.more && <QuietAct onClick={() => props.more?.(next)}>{t.more}</QuietAct>}
        </>
      )}
    </Loaded>
  )
}

export default function Search() {
  const { t } = useWords()
  const asked = useAsked()
  const anything = asked.q || asked.clc || asked.library || asked.available
  return (
    <Page title={t.reader.results.title} wide>
      <SearchBox key={asked.q} start={asked.q} />
      <Filters asked={asked} />
      {anything ? (
        <ResultPages key={JSON.stringify(asked)} asked={asked} />
      ) : (
        <>
          <Empty say={t.reader.results.start} />
          <Browse />
        </>
      )}
    </Page>
  )
}

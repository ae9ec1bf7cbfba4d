import { type SubmitEvent, useState } from 'react'
import type { ClcClassJson } from '../../gateway/http/api/open.ts'
import { clothOf } from '../base/binding.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { go, to } from '../base/route.ts'
import { useWords } from '../base/words.tsx'

/** One box for everything: words, names, ISBN, class. */
export const SearchBox = ({ start = '' }: { start?: string }) => {
  const { t } = useWords()
  const [text, setText] = useState(start)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    go(to('search', { q: text.trim() }))
  }
  return (
    <search>
      <form className="search-box" onSubmit={submit}>
        <input
          type="search"
          name="q"
          value={text}
          aria-label={t.reader.searchHint}
          placeholder={t.reader.searchHint}
          enterKeyHint="search"
          autoComplete="off"
          onChange={event => setText(event.target.value)}
        />
        <button type="submit" aria-label={t.reader.search}>
          <Icon name="search" />
        </button>
      </form>
    </search>
  )
}

/** The 22 classes as little spines, in the cloth of their covers. */
export const Browse = () => {
  const { t, w } = useWords()
  const classes = useData<ClcClassJson[]>('/api/clc')
  if (!classes.data) return null
  return (
    <section aria-labelledby="browse">
      <div className="section-head">
        <h2 id="browse">{t.reader.browse}</h2>
      </div>
      <ul className="classes">
        {classes.data.map(({ code, name }) => (
          <li key={code}>
            <a href={to('search', { clc: code })}>
              <span className="class-code serif" style={{ background: clothOf(code) }} aria-hidden="true">
                {code}
              </span>
              <span>{w(name)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

import type { ReactNode } from 'react'
import type { SystemLinkJson } from '../../gateway/http/api/links.ts'
import { Icon } from '../base/icons.tsx'
import { When } from '../base/parts.tsx'
import { useWords } from '../base/words.tsx'
import { linkLook } from './link-state.ts'
import { useTown } from './session.ts'

const Figure = ({ name, children, note }: { name: string; children: ReactNode; note?: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <span className="figure">{children}</span>
      {note && <span className="quiet small">{note}</span>}
    </dd>
  </div>
)

/** What was said last on a line, masked; for whoever talks with the maker of the other side. */
export const Talk = (props: {
  name: string
  lines: readonly { readonly at: string; readonly direction: '>' | '<'; readonly text: string }[]
}) => {
  const { t } = useWords()
  const words = t.staff.linksPage
  if (props.lines.length === 0) return null
  return (
    <details className="talk">
      <summary>{words.lastWords}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard cannot scroll the lines */}
      <section aria-label={`${words.lastWords} ${props.name}`} tabIndex={0}>
        <ol>
          {props.lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same words may be said twice at one moment
            <li key={`${line.at} ${at}`}>
              <span className="hidden">{words.said[line.direction]}</span>
              <span aria-hidden="true">{line.direction === '>' ? '→' : '←'}</span> <code>{line.text}</code>
            </li>
          ))}
        </ol>
      </section>
    </details>
  )
}

const State = ({ system }: { system: SystemLinkJson }) => {
  const { t, w } = useWords()
  const words = t.staff.linksPage
  const { tone, sign } = linkLook(system.state)
  return (
    <div className="system-state">
      <p className={tone}>
        <Icon name={sign} size={24} />
        <strong>{t.ils[system.state]}</strong>
      </p>
      <p>
        {words.states[system.state]} {system.say && w(system.say)}
      </p>
      <p className="quiet small">
        {words.since} <When at={system.since} />
        {system.opensAt && (
          <>
            {' · '}
            {words.opens} <When at={system.opensAt} />
          </>
        )}
        {!system.opensAt && system.closesNext && (
          <>
            {' · '}
            {words.closes} <When at={system.closesNext.from} /> {words.until}{' '}
            <When at={system.closesNext.to} />
          </>
        )}
      </p>
    </div>
  )
}

const Own = ({ system, name }: { system: SystemLinkJson; name: string }) => {
  const { t } = useWords()
  const words = t.staff.linksPage
  const { latency, link } = system
  const bad = system.errors.filter(({ count }) => count > 0)
  return (
    <section className="card panel own-system" aria-label={name}>
      <h2>{name}</h2>
      <State system={system} />
      <dl className="system-figures">
        <Figure
          name={words.waits}
          note={
            system.oldest && (
              <>
                {words.oldest} <When at={system.oldest} />
              </>
            )
          }
        >
          {system.waiting}
        </Figure>
        <Figure name={words.rate} note={words.aMinute}>
          {system.perMinute}
        </Figure>
        <Figure name={words.answerTime} note={latency && words.slowest(latency.p95)}>
          {latency ? words.millis(latency.median) : '—'}
        </Figure>
        <Figure
          name={words.errors}
          note={
            bad.length > 0
              ? bad
                  .map(
                    ({ kind, count }) =>
                      `${words.endings[kind as keyof typeof words.endings] ?? kind} ${count}`,
                  )
                  .join(' · ')
              : words.ofAll(system.answered)
          }
        >
          {bad.reduce((sum, { count }) => sum + count, 0)}
        </Figure>
        {link && (
          <Figure
            name={words.lines}
            note={system.inLine > 0 ? words.inLine(system.inLine) : words.busy(link.inFlight)}
          >
            {words.of(link.connections, link.mostConnections)}
          </Figure>
        )}
        {link && <Figure name={words.breaker}>{words.breakers[link.breaker]}</Figure>}
      </dl>
      <Talk name={name} lines={system.lastWords} />
    </section>
  )
}

const useName = (): ((libraryId: string) => string) => {
  const { w } = useWords()
  const town = useTown()
  return id => {
    const library = town?.libraries.find(one => one.id === id)
    return library ? w(library.name) : id
  }
}

interface All {
  readonly systems: readonly SystemLinkJson[]
}

/** The library's own system, in full. */
export const OwnSystem = ({ systems }: All) => {
  const name = useName()
  return systems
    .filter(system => system.own)
    .map(system => <Own key={system.libraryId} system={system} name={name(system.libraryId)} />)
}

/** How the systems of the libraries are that lend to this one. */
export const OtherSystems = ({ systems }: All) => {
  const { t } = useWords()
  const name = useName()
  const others = systems.filter(system => !system.own)
  if (others.length === 0) return null
  return (
    <section className="link-part" aria-labelledby="other-systems">
      <h2 id="other-systems">{t.staff.linksPage.others}</h2>
      <ul className="other-systems">
        {others.map(system => (
          <li key={system.libraryId}>
            <span>{name(system.libraryId)}</span>
            <span className={linkLook(system.state).tone}>
              <Icon name={linkLook(system.state).sign} size={20} />
              {t.ils[system.state]}
            </span>
            {system.waiting > 0 && (
              <span className="quiet small">{t.staff.todayPage.queue(system.waiting)}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

import { Button } from 'antd'
import { type ReactNode, useEffect, useId, useState } from 'react'
import type { KioskLinkJson, LinksJson, QueuedActJson, RefusalJson } from '../../gateway/http/api/links.ts'
import { every } from '../base/clock.ts'
import { refresh, useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded, When } from '../base/parts.tsx'
import { useWords } from '../base/words.tsx'
import { Conflict, Fact, Settling } from './conflicts.tsx'
import { DeskNote } from './desk-note.tsx'
import { OtherSystems, OwnSystem, Talk } from './systems.tsx'
import './links.css'

const links = '/api/staff/links'
const queue = `${links}/queue`

/** Rates and ages move though nothing happens. */
const useFresh = (): void => {
  useEffect(() => every(15_000, () => refresh(links)), [])
}

const Part = (props: { title: string; count?: number; say?: string; children: ReactNode }) => {
  const id = useId()
  return (
    <section className="link-part" aria-labelledby={id}>
      <h2 id={id}>
        {props.title}
        {props.count !== undefined && props.count > 0 && <span className="figure"> {props.count}</span>}
      </h2>
      {props.say && <p className="quiet">{props.say}</p>}
      {props.children}
    </section>
  )
}

const Waiting = ({ act }: { act: QueuedActJson }) => {
  const { t, w } = useWords()
  const words = t.staff.linksPage
  const name = act.title ? `《${act.title}》` : (act.barcode ?? '')
  return (
    <li className="card queued">
      <div className="stack">
        <strong>
          {w(act.what)} {name}
        </strong>
        <span className="quiet small">
          {act.title && <span className="figure">{act.barcode} · </span>}
          {w(act.from)} · <When at={act.at} />
        </span>
      </div>
      <div className="stack">
        <span>{act.underWay ? words.underWay : act.say ? w(act.say) : words.soon}</span>
        <span className="quiet small">
          {act.tries > 0 && words.tried(act.tries)}
          {act.nextTry && (
            <>
              {act.tries > 0 && ' · '}
              {words.nextTry} <When at={act.nextTry} />
            </>
          )}
        </span>
      </div>
      {act.can.length > 0 && <Settling id={act.id} can={act.can} about={name} />}
    </li>
  )
}

interface QueueJson {
  readonly items: QueuedActJson[]
  readonly next: string | null
}

const QueuePages = () => {
  const { t } = useWords()
  const [cursors, setCursors] = useState<readonly string[]>([''])
  return cursors.map((cursor, at) => (
    <OnePage
      key={cursor}
      path={cursor ? `${queue}?cursor=${encodeURIComponent(cursor)}` : queue}
      none={t.staff.linksPage.queueNone}
      more={at === cursors.length - 1 ? next => setCursors([...cursors, next]) : undefined}
    />
  ))
}

const OnePage = (props: { path: string; none: string; more: ((next: string) => void) | undefined }) => {
  const { t } = useWords()
  const page = useData<QueueJson>(props.path)
  return (
    <Loaded of={page} lines={4}>
      {({ items, next }) =>
        items.length === 0 ? (
          <p className="card panel good-word">
            <Icon name="yes" size={20} />
            {props.none}
          </p>
        ) : (
          <>
            <ul className="link-rows">
              {items.map(act => (
                <Waiting key={act.id} act={act} />
              ))}
            </ul>
            {next && props.more && <Button onClick={() => props.more?.(next)}>{t.more}</Button>}
          </>
        )
      }
    </Loaded>
  )
}

const Refusal = ({ one }: { one: RefusalJson }) => {
  const { t, w } = useWords()
  const words = t.staff.linksPage
  return (
    <li className="card refusal">
      <p className="stack">
        <strong>
          {w(one.what)} <span className="figure">{one.barcode}</span>
        </strong>
        <span className="quiet small">
          <When at={one.at} /> · {w(one.whose)}
        </span>
      </p>
      <p className="stack">
        <span>{w(one.say)}</span>
        <span className="quiet small">
          {words.their}：{one.their ?? words.noWords}
        </span>
      </p>
      <p>{w(one.todo)}</p>
    </li>
  )
}

const Kiosk = ({ one }: { one: KioskLinkJson }) => {
  const { t } = useWords()
  const words = t.staff.linksPage
  const on = one.connections.length > 0
  return (
    <li className="card kiosk-row">
      <div className="stack">
        <strong>{one.account}</strong>
        <span className={on ? 'good-word' : 'risk at-risk'}>
          <Icon name={on ? 'yes' : 'clock'} size={20} />
          {on ? words.connected(one.connections.length) : words.notConnected}
        </span>
      </div>
      <dl className="numbers-row">
        <Fact name={words.asked}>{one.requests}</Fact>
        <Fact name={words.saidNo}>{one.refusals}</Fact>
        {one.latency && (
          <Fact name={words.answerTime}>{words.within(one.latency.median, one.latency.p95)}</Fact>
        )}
      </dl>
      {one.errors.length > 0 && (
        <ul className="plain small">
          {one.errors.map(({ kind, count }) => (
            <li key={kind}>
              {words.kioskErrors[kind as keyof typeof words.kioskErrors] ?? kind} {words.times(count)}
            </li>
          ))}
        </ul>
      )}
      <Talk
        name={one.account}
        lines={one.lastWords.flatMap(({ at, request, answer }) => [
          { at, direction: '<' as const, text: request },
          { at, direction: '>' as const, text: answer },
        ])}
      />
    </li>
  )
}

/** Library systems and kiosks: how they are, what waits for them, what they refused and why. */
export default function Links() {
  const { t } = useWords()
  const words = t.staff.linksPage
  const known = useData<LinksJson>(links)
  useFresh()
  return (
    <section className="links">
      <title>{`${t.staff.nav.links} · ${t.staff.page}`}</title>
      <div className="page-head">
        <h1 tabIndex={-1}>{t.staff.nav.links}</h1>
      </div>
      <Loaded of={known} lines={12}>
        {({ systems, kiosks, conflicts, refusals }) => (
          <>
            <OwnSystem systems={systems} />
            {conflicts.length > 0 && (
              <Part title={words.conflicts} count={conflicts.length} say={words.conflictsSay}>
                <ul className="link-rows">
                  {conflicts.map(one => (
                    <Conflict key={one.id} one={one} />
                  ))}
                </ul>
              </Part>
            )}
            <Part
              title={words.queue}
              count={systems.find(system => system.own)?.waiting ?? 0}
              say={words.queueSay}
            >
              <DeskNote />
              <QueuePages />
            </Part>
            {kiosks.length > 0 && (
              <Part title={words.kiosks}>
                <ul className="link-rows">
                  {kiosks.map(one => (
                    <Kiosk key={one.account} one={one} />
                  ))}
                </ul>
              </Part>
            )}
            <OtherSystems systems={systems} />
            <Part title={words.refusals} say={words.refusalsSay}>
              {refusals.length === 0 ? (
                <p className="card panel good-word">
                  <Icon name="yes" size={20} />
                  {words.refusalsNone}
                </p>
              ) : (
                <ul className="link-rows">
                  {refusals.map(one => (
                    <Refusal key={`${one.at} ${one.barcode} ${one.what.en}`} one={one} />
                  ))}
                </ul>
              )}
            </Part>
          </>
        )}
      </Loaded>
    </section>
  )
}

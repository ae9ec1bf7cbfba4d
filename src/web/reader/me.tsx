import type { MeJson, MessagePageJson } from '../../gateway/http/api/reader.ts'
import { QuietAct } from '../base/acts.tsx'
import { patch } from '../base/api.ts'
import { put, useData } from '../base/data.ts'
import { Icon, type IconName } from '../base/icons.tsx'
import { Money, Waiting, When } from '../base/parts.tsx'
import { go } from '../base/route.ts'
import { choose, useSettings } from '../base/settings.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { end, useReader } from './session.ts'
import { Page } from './shell.tsx'

const Entry = (props: { href: string; icon: IconName; name: string; note?: string | undefined }) => (
  <li>
    <a className="entry" href={props.href}>
      <Icon name={props.icon} />
      <span>{props.name}</span>
      {props.note && <span className="quiet small">{props.note}</span>}
      <Icon name="on" size={18} />
    </a>
  </li>
)

const Self = ({ me }: { me: MeJson }) => {
  const { t, w } = useWords()
  const words = t.reader.me
  return (
    <section className="card self" aria-label={words.title}>
      <h2 className="serif">{me.name}</h2>
      <p className="quiet small figure">
        {words.card} {me.card}
      </p>
      <p>
        {words.onLoan(me.loans.onLoan, me.loans.max)}
        {me.tier && ` · ${w(me.tier.name)}`}
      </p>
      {me.owed > 0 && (
        <p>
          {words.owed} <Money fen={me.owed} />
        </p>
      )}
      {me.frozenUntil && (
        <p className="bad">
          <Icon name="alert" size={20} /> {words.frozen} <When at={me.frozenUntil} dayOnly />
        </p>
      )}
      {me.blocks.map(block => (
        <p key={block.en} className="bad">
          <Icon name="alert" size={20} /> {w(block)}
        </p>
      ))}
    </section>
  )
}

const Own = ({ joined }: { joined: boolean }) => {
  const { t } = useWords()
  const messages = useData<MessagePageJson>('/api/me/messages')
  const unread = messages.data?.items.filter(message => !message.read).length ?? 0
  return (
    <>
      <Entry href="#/orders" icon="book" name={t.reader.orders.title} />
      <Entry
        href="#/messages"
        icon="bell"
        name={t.reader.messages.title}
        note={unread > 0 ? t.reader.me.unread(unread) : undefined}
      />
      <Entry href="#/credit" icon="star" name={t.reader.credit.title} />
      {!joined && <Entry href="#/join" icon="person" name={t.reader.join.title} />}
    </>
  )
}

const Looks = () => {
  const { t } = useWords()
  const { language, large } = useSettings()
  return (
    <fieldset className="plain row" aria-label={t.reader.me.look}>
      <QuietAct onClick={() => choose({ large: !large })}>{large ? t.plainType : t.largeType}</QuietAct>
      <QuietAct onClick={() => choose({ language: language === 'zh' ? 'en' : 'zh' })}>
        {t.otherLanguage}
      </QuietAct>
    </fieldset>
  )
}

/** Doors of lockers within reach from a wheelchair, from the next parcel on. */
const Reach = ({ me }: { me: MeJson }) => {
  const { t } = useWords()
  const ask = useSubmit(async (_key, withinReach: boolean) => {
    put('/api/me', await patch<MeJson>('/api/me', { withinReach }))
    return true
  })
  return (
    <QuietAct busy={ask.busy} onClick={() => ask.run(!me.withinReach)}>
      {me.withinReach ? t.reader.me.anyDoor : t.reader.me.reachDoor}
    </QuietAct>
  )
}

export default function Me() {
  const { t } = useWords()
  const reader = useReader()
  const leave = useSubmit(async () => {
    await end()
    go('#/')
    return true
  })
  return (
    <Page title={t.reader.me.title}>
      {reader.signedIn && reader.data ? (
        <Self me={reader.data} />
      ) : reader.busy ? (
        <Waiting lines={2} />
      ) : (
        <a className="main-link" href="#/login">
          {t.reader.signIn}
        </a>
      )}
      <ul className="card rows">
        {reader.signedIn && <Own joined={reader.data?.joined ?? false} />}
        <Entry href="#/places" icon="place" name={t.reader.placesPage.title} />
        <Entry href="#/rules" icon="rule" name={t.reader.rulesPage.title} />
        {!reader.signedIn && <Entry href="#/join" icon="person" name={t.reader.join.title} />}
      </ul>
      <Looks />
      {reader.signedIn && reader.data && <Reach me={reader.data} />}
      {reader.signedIn && (
        <QuietAct busy={leave.busy} onClick={() => leave.run()}>
          {t.signOut}
        </QuietAct>
      )}
    </Page>
  )
}

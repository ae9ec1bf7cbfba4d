import { type SubmitEvent, useState } from 'react'
import { MainAct } from '../base/acts.tsx'
import { act } from '../base/api.ts'
import { refresh } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded, Trouble } from '../base/parts.tsx'
import { useRoute } from '../base/route.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { Field } from './fields.tsx'
import { lineAddress } from './line-acts.tsx'
import { useOrder } from './order.tsx'
import { Page } from './shell.tsx'
import { SignedIn } from './signed-in.tsx'

const Form = ({ orderId, lineId, title }: { orderId: string; lineId: string; title: string }) => {
  const { t } = useWords()
  const words = t.reader.transfer
  const [card, setCard] = useState('')
  const [pin, setPin] = useState('')
  const [done, setDone] = useState<string | null>(null)
  const submit = useSubmit((key, input: { card: string; pin: string }) =>
    act<unknown>(`${lineAddress(orderId, lineId)}/transfer`, input, key),
  )
  const send = async (event: SubmitEvent) => {
    event.preventDefault()
    const answer = await submit.run({ card: card.trim(), pin })
    setPin('')
    if (answer === undefined) return
    setDone(answer.noted ? t.reader.order.noted : words.done)
    refresh('/api/orders', '/api/me')
  }
  if (done !== null)
    return (
      <p className="card note good-word" role="status">
        <Icon name="yes" />
        {done}
      </p>
    )
  return (
    <form className="card form" onSubmit={send}>
      <h2 className="title">{title}</h2>
      <p>{words.text}</p>
      <Field label={words.card} value={card} change={setCard} maxLength={64} />
      <Field label={words.pin} value={pin} change={setPin} type="password" maxLength={64} />
      {submit.problem && <Trouble problem={submit.problem} />}
      <MainAct type="submit" busy={submit.busy}>
        {words.submit}
      </MainAct>
    </form>
  )
}

const Known = () => {
  const { path } = useRoute()
  const order = useOrder()
  return (
    <Loaded of={order}>
      {known => {
        const line = known.lines.find(one => one.id === path[3])
        return line ? <Form orderId={known.id} lineId={line.id} title={line.title} /> : null
      }}
    </Loaded>
  )
}

export default function Transfer() {
  const { t } = useWords()
  return (
    <Page title={t.reader.transfer.title}>
      <SignedIn>{() => <Known />}</SignedIn>
    </Page>
  )
}

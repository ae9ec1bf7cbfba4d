import { useState } from 'react'
import type { LineJson, OrderJson } from '../../gateway/http/api/reader.ts'
import { AskFirst } from '../base/acts.tsx'
import { act as send } from '../base/api.ts'
import { refresh } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Trouble } from '../base/parts.tsx'
import { to } from '../base/route.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'

type Act = 'cancel' | 'renew' | 'cancel-return'

/** Where a line's acts live. */
export const lineAddress = (order: string, line: string): string =>
  `/api/orders/${encodeURIComponent(order)}/lines/${encodeURIComponent(line)}`

/** Everything the server says can be done with this book now; what cannot be undone is asked once more. */
export const LineActs = ({ order, line }: { order: OrderJson; line: LineJson }) => {
  const { t } = useWords()
  const words = t.reader.order
  const [told, setTold] = useState<{ say: string; until: LineJson['status'] | null }>({
    say: '',
    until: null,
  })
  const submit = useSubmit((key, act: Act) =>
    send<unknown>(`${lineAddress(order.id, line.id)}/${act}`, {}, key),
  )
  const run = async (act: Act, say: string) => {
    const answer = await submit.run(act)
    if (answer === undefined) return
    // That it was renewed is news only as long as the book stays where it was.
    setTold({ say: answer.noted ? words.noted : say, until: act === 'renew' ? line.status : null })
    refresh('/api/orders', '/api/me')
  }
  const here = `order/${encodeURIComponent(order.id)}/line/${encodeURIComponent(line.id)}`
  const returns = line.can.some(act => act.startsWith('return-'))
  const asks: Record<Act, string> = {
    cancel: words.cancelAsk(line.title),
    renew: words.renewAsk(line.title),
    'cancel-return': words.cancelReturnAsk(line.title),
  }
  const acts = (['renew', 'cancel-return', 'cancel'] as const).filter(act => line.can.includes(act))
  const said = told.until === null || told.until === line.status ? told.say : ''
  if (line.can.length === 0 && !said) return null
  return (
    <div className="line-acts">
      {said && (
        <p className="good-word" role="status">
          <Icon name="yes" size={20} />
          {said}
        </p>
      )}
      {submit.problem && <Trouble problem={submit.problem} />}
      <div className="row">
        {returns && (
          <a className="quiet-link" href={to(`${here}/return`)}>
            {words.returns}
          </a>
        )}
        {line.can.includes('transfer') && (
          <a className="quiet-link" href={to(`${here}/transfer`)}>
            {words.acts.transfer}
          </a>
        )}
        {acts.map(act => (
          <AskFirst
            key={act}
            label={words.acts[act]}
            ask={asks[act]}
            busy={submit.busy}
            act={() => run(act, act === 'renew' ? words.renewed : words.done)}
          />
        ))}
      </div>
    </div>
  )
}

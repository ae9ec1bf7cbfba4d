import { Button, Input } from 'antd'
import { useId, useRef, useState } from 'react'
import { post } from '../base/api.ts'
import { Icon } from '../base/icons.tsx'
import { Trouble } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { refreshLinks } from './session.ts'

type Act = 'checkout' | 'checkin'

/** With the library system away, a loan or return at the desk is written down here and told later. */
export const DeskNote = () => {
  const { t } = useWords()
  const words = t.staff.linksPage.desk
  const id = useId()
  const [act, setAct] = useState<Act>('checkin')
  const [card, setCard] = useState('')
  const [barcode, setBarcode] = useState('')
  const [noted, setNoted] = useState('')
  const item = useRef<HTMLInputElement>(null)
  const submit = useSubmit((key, input: { act: Act; barcode: string; card: string }) =>
    post<unknown>('/api/staff/links/happened', input, key),
  )
  const ready = barcode.trim() !== '' && (act === 'checkin' || card.trim() !== '')
  const note = async () => {
    const written = await submit.run({ act, barcode: barcode.trim(), card: card.trim() })
    if (written === undefined) return
    setNoted(barcode.trim())
    setBarcode('')
    item.current?.focus()
    refreshLinks()
  }
  return (
    <details className="desk-note">
      <summary>{words.title}</summary>
      <p className="quiet small">{words.say}</p>
      <form
        onSubmit={event => {
          event.preventDefault()
          if (ready) void note()
        }}
      >
        <fieldset className="choice">
          <legend className="hidden">{words.what}</legend>
          {(['checkin', 'checkout'] as const).map(one => (
            <label key={one}>
              <input type="radio" name={`${id}-act`} checked={act === one} onChange={() => setAct(one)} />{' '}
              {words.acts[one]}
            </label>
          ))}
        </fieldset>
        <label htmlFor={`${id}-card`}>{act === 'checkout' ? words.card : words.cardIfKnown}</label>
        <Input
          id={`${id}-card`}
          autoComplete="off"
          maxLength={64}
          value={card}
          onChange={event => setCard(event.target.value)}
        />
        <label htmlFor={`${id}-item`}>{words.barcode}</label>
        <input
          id={`${id}-item`}
          className="ant-input"
          ref={item}
          autoComplete="off"
          maxLength={64}
          value={barcode}
          onChange={event => setBarcode(event.target.value)}
        />
        {submit.problem && <Trouble problem={submit.problem} />}
        <Button htmlType="submit" type="primary" loading={submit.busy} disabled={!ready}>
          {words.note}
        </Button>
        <p className="good-word" role="status">
          {noted && (
            <>
              <Icon name="yes" size={20} /> {words.noted(noted)}
            </>
          )}
        </p>
      </form>
    </details>
  )
}

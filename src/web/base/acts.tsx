import { Button } from 'antd-mobile'
import { useState } from 'react'
import { useWords } from './words.tsx'

interface Act {
  readonly children: string
  readonly onClick?: () => void
  readonly busy?: boolean
  readonly disabled?: boolean
  readonly type?: 'button' | 'submit'
  /** Where many acts of a page have the same name. */
  readonly label?: string
}

/** THE main action of a screen: the only thing in seal red. */
export const MainAct = ({ children, onClick, busy = false, disabled = false, type = 'button' }: Act) => (
  <Button
    block
    size="large"
    type={type}
    className="main-act"
    loading={busy}
    loadingText={children}
    disabled={disabled}
    onClick={() => onClick?.()}
  >
    {children}
  </Button>
)

/** Everything else one can do: quiet. */
export const QuietAct = ({
  children,
  onClick,
  busy = false,
  disabled = false,
  type = 'button',
  label,
}: Act) => (
  <Button
    type={type}
    {...(label === undefined ? {} : { 'aria-label': label })}
    className="quiet-act"
    loading={busy}
    loadingText={children}
    disabled={disabled}
    onClick={() => onClick?.()}
  >
    {children}
  </Button>
)

/** Asks once more, in place, before something that cannot be taken back. */
export const AskFirst = (props: { label: string; ask: string; busy: boolean; act: () => void }) => {
  const { t } = useWords()
  const [asking, setAsking] = useState(false)
  if (!asking) return <QuietAct onClick={() => setAsking(true)}>{props.label}</QuietAct>
  return (
    <fieldset className="ask card" aria-label={props.label}>
      <p>{props.ask}</p>
      <div className="row">
        <QuietAct busy={props.busy} onClick={props.act}>
          {props.label}
        </QuietAct>
        <QuietAct onClick={() => setAsking(false)}>{t.cancel}</QuietAct>
      </div>
    </fieldset>
  )
}

import type { ReactNode } from 'react'

/** A table that is wider than a handheld: moved sideways by touch, and by the arrow keys once it has the focus. */
export const Sideways = ({ label, children }: { label: string; children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard cannot scroll the table
  <section className="sideways" aria-label={label} tabIndex={0}>
    {children}
  </section>
)

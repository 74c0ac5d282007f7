/** Toast is a short notice at the bottom, with at most one thing to do, such as Undo. */
export interface Toast {
  id: number
  text: string
  kind: 'done' | 'trouble'
  action?: { label: string; run: () => void | Promise<void> }
}

const stays = 8_000 // milliseconds; a notice with an action, or of trouble, stays longer

class Toasts {
  list = $state<Toast[]>([])
  #next = 1

  done(text: string, action?: Toast['action']): void {
    this.#add({ id: this.#next++, text, kind: 'done', ...(action ? { action } : {}) }, action ? stays * 2 : stays)
  }

  trouble(text: string): void {
    this.#add({ id: this.#next++, text, kind: 'trouble' }, stays * 2)
  }

  close(id: number): void {
    this.list = this.list.filter((one) => one.id !== id)
  }

  #add(toast: Toast, milliseconds: number): void {
    this.list = [...this.list.slice(-2), toast]
    setTimeout(() => this.close(toast.id), milliseconds)
  }
}

export const toasts = new Toasts()

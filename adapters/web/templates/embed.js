// Shows a booking page where this script is:
// <script src="https://book.example.org/book/embed.js" data-page="anna-schmidt" async></script>
(() => {
  const me = document.currentScript
  const base = new URL('.', me.src)
  const url = new URL(encodeURIComponent(me.dataset.page) + '?embed=1', base)
  if (me.dataset.lang) url.searchParams.set('lang', me.dataset.lang)
  const frame = document.createElement('iframe')
  frame.src = url.href
  frame.title = me.dataset.title || 'Booking'
  frame.loading = 'lazy'
  frame.height = 640
  frame.style.cssText = 'width:100%;border:0;color-scheme:light dark'
  addEventListener('message', (event) => {
    const height = event.data && event.data.clickbook
    if (event.origin !== base.origin || event.source !== frame.contentWindow) return
    if (Number.isFinite(height)) frame.height = Math.min(Math.max(height, 200), 5000)
  })
  me.after(frame)
})()

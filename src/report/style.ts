/** The look of the page: one column of charts above each other, light or dark as the reader's system is. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fcfcfb;--card:#fff;--ink:#1b1e23;--soft:#59616b;--rule:#dde0e4;--ok:#136c2e;--bad:#b3261e;
--ssim:#1d5fbf;--psnr:#0b7564;--vmaf:#7438ad;--bitrate:#a24a00}
@media (prefers-color-scheme:dark){:root{--paper:#14161a;--card:#1c1f25;--ink:#e9ebee;--soft:#a6aeb8;--rule:#343a43;--ok:#6fce88;--bad:#ff8f86;
--ssim:#7fb3ff;--psnr:#5bcdb7;--vmaf:#cba2ff;--bitrate:#ffb26b}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1440px;margin:0 auto;padding:clamp(1rem,3vw,3rem)}
h1{font-size:clamp(1.4rem,1.1rem + 1.4vw,2.1rem);line-height:1.2;margin:0 0 .4rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.6rem 0 .9rem}
h3{font-size:1rem;margin:0 0 .5rem}
h3 small,figcaption span,.films small{color:var(--soft);font-weight:400;font-size:.875rem}
p{margin:.3rem 0}
.kind{color:var(--soft);font-size:.875rem;letter-spacing:.02em;margin:0 0 .2rem}
.films{display:grid;grid-template-columns:auto 1fr;gap:.5rem 1rem;margin:.8rem 0 0;overflow-wrap:anywhere}
.films dt{font-weight:600}.films dd{margin:0}
.films small{display:block}
.ok{color:var(--ok)}.bad{color:var(--bad)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.8rem;margin:1.6rem 0 0;padding:0}
.tiles div{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:.7rem .9rem}
.tiles dt{color:var(--soft);font-size:.875rem}
.tiles dd{margin:0;font-size:1.55rem;font-weight:650;font-variant-numeric:tabular-nums;line-height:1.25}
.tiles dd small{display:block;font-size:.8125rem;font-weight:400;color:var(--soft)}
.notes{margin:1rem 0 0;padding-left:1.2rem;color:var(--soft)}
.charts{display:grid;gap:1.6rem}
.chart{margin:0;min-width:0}
.chart figcaption{font-weight:600;margin-bottom:.6rem;display:flex;justify-content:space-between;gap:1rem;flex-wrap:wrap}
.plot{position:relative;height:clamp(8.5rem,14vw,12rem);margin:0 .6rem 1.9rem 3.4rem}
.plot svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
.plot path{vector-effect:non-scaling-stroke;fill:none}
.grid{stroke:var(--rule);stroke-width:1}
.line{stroke:var(--c);stroke-width:1.75;stroke-linejoin:round}
.plot .area{fill:var(--c);fill-opacity:.2}
.ssim{--c:var(--ssim)}.psnr{--c:var(--psnr)}.vmaf{--c:var(--vmaf)}.bitrate{--c:var(--bitrate)}
.plot span{position:absolute;font-size:.8125rem;line-height:1;color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
.y{right:100%;margin-right:.5rem;transform:translateY(-50%)}
.x{top:100%;margin-top:.65rem;transform:translateX(-50%)}
.plot i{position:absolute;top:0;bottom:0}
.plot i:hover{background:linear-gradient(var(--c),var(--c)) center/1px 100% no-repeat}
.plot i:hover::after{content:attr(data-tip);position:absolute;bottom:100%;left:50%;transform:translateX(-50%);z-index:2;padding:.15rem .5rem;border-radius:6px;background:var(--ink);color:var(--paper);font:.8125rem/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums;white-space:nowrap;pointer-events:none}
.plot i.l:hover::after{left:0;transform:none}.plot i.r:hover::after{left:auto;right:0;transform:none}
.mark{position:absolute;z-index:1;width:1.35rem;height:1.35rem;margin:-.675rem;border-radius:50%;background:var(--card);border:2px solid var(--c);color:var(--ink);font-size:.75rem;font-weight:700;line-height:1.1rem;text-align:center;text-decoration:none}
.mark:hover,.mark:focus-visible{background:var(--c);color:var(--paper)}
.worst{scroll-margin-top:1rem;margin:0 0 1.8rem}
.worst:target h3{text-decoration:underline;text-underline-offset:.25em}
.num{display:inline-block;min-width:1.6rem;height:1.6rem;border-radius:50%;border:2px solid var(--ssim);text-align:center;line-height:1.35rem;font-size:.875rem;margin-right:.4rem}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:.8rem}
.pair figure{margin:0;min-width:0}
.pair img{display:block;width:100%;height:auto;max-height:80vh;object-fit:contain;border-radius:6px;background:#000}
.pair figcaption{color:var(--soft);font-size:.875rem;margin-top:.25rem}
.tables{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,34rem),1fr));gap:0 3rem;align-items:start}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--rule)}
td{overflow-wrap:anywhere}tr>:last-child{overflow-wrap:normal;white-space:nowrap;padding-right:0}
th{font-weight:600}thead th{color:var(--soft);font-size:.8125rem;font-weight:600}
tbody th{font-weight:400;color:var(--soft)}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.wide{overflow-x:auto}.wide td,.wide thead th{white-space:nowrap}.wide tbody th{overflow-wrap:anywhere;white-space:normal}
.soft{color:var(--soft);font-size:.875rem}a{color:inherit}
.k-h264{--c:var(--ssim)}.k-h265{--c:var(--psnr)}.k-vp9{--c:var(--vmaf)}.k-av1{--c:var(--bitrate)}.k-other{--c:var(--soft)}
.plot i.dot{width:.6rem;height:.6rem;margin:-.3rem;border-radius:50%;background:var(--c);bottom:auto}.plot i.dot:hover{background:var(--c)}.plot i.dot:hover::after{content:none}
.mark.to-r{translate:1.15rem 0}.mark.to-l{translate:-1.15rem 0}.mark.to-u{translate:0 -1.15rem}.mark.to-d{translate:0 1.15rem}
.scatter .plot{height:clamp(12rem,26vw,22rem)}
.legend{display:flex;gap:1rem;flex-wrap:wrap}.legend b{color:var(--ink);font-weight:400}
.legend b::before{content:"";display:inline-block;width:.7rem;height:.7rem;border-radius:50%;background:var(--c);margin-right:.35rem}
.output{margin-top:3.5rem;padding-top:.4rem;border-top:1px solid var(--rule);scroll-margin-top:1rem}
.output h2{font-size:1.35rem;margin:1rem 0 .3rem;overflow-wrap:anywhere}.output section h2{font-size:1.05rem;margin:2rem 0 .8rem}
details{margin-top:1.6rem}summary{cursor:pointer;color:var(--soft)}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--rule);color:var(--soft);font-size:.875rem;overflow-wrap:anywhere}
@media (max-width:640px){.odd{display:none}.pair{grid-template-columns:1fr}th,td{padding-right:.5rem}}
@media print{.plot i{display:none}.worst,.chart{break-inside:avoid}}
`;

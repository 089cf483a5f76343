"""Letters of other alphabets, and odd forms of our own, that a reader takes for a Latin letter.

What Unicode's compatibility forms, cases and marks say already is not repeated here.
Source: Unicode Security Mechanisms (UTS #39), confusables.txt; the names of Latin letters in the Unicode
Character Database; a capital that deceives makes its small letter deceive, too.
"""

from collections.abc import Mapping

_BY_LETTER: Mapping[str, str] = {
    "a": "ȺɑΑαАаᎪᗅᴀᶏẚⱥⱭꓮꭺ𐊠𖽀🅐🅰🇦",
    "b": "ƀƁƂƃƄƅɃɓʙΒβБВЬбвьѢѣҌҍᏏᏴᏼᑲᑳᖯᗷᵬᶀꓐꞖꞗꞴꞵꮟ𐊂𐊡𐌁🅑🅱🇧",
    "c": "ƇƈȻȼɕΣςСсҪҫᏟᴄⲤⲥꓚꞒꞓꞔꟄꮯ𐊢𐌂𐐕𐐽𐔜𝼝🅒🅲🇨",
    "d": "ÐðĐđƉƊƋƌǅǲȡɖɗԀԁᎠᏧᑯᗞᗪᴅᵭᶁᶑꓒꓓꟇꟈꭰꮷ🅓🅳🇩",
    "e": "ɆɇΕεЕеҼҽҾҿᎬᴇᶒⱸⴹꓰꬲꬴꭼ𐊆𑢦𑢮𑣆𑣎🅔🅴🇪",
    "f": "ƑƒϜϝՔքᖴᵮᶂẝꓝꜰꞘꞙꬵ𐊇𐊥𐔥𑢢𑣂🅕🅵🇫",
    "g": "ƍƓǤǥɠɡɢʛԌԍՑցᏀᏳᏻᶃꓖꞠꞡꞬꮐ🅖🅶🇬",
    "h": "ĦħɦʜΗЋНнћҢңҺһӇӈӉӊՀհᎻᏂᏲᏺᕼⱧⱨⲎⲏꓧꚔꚕꞕꞪꮋꮒ𐋏🅗🅷🇭",
    "i": "ıɨɩɪιіӏᎥᵻᵼᶖꙆꙇꞮꭵ𑣃𝼚🅘🅸🇮",
    "j": "ɈɉʝͿϳЈјᎫᒍᴊꓙꞲꭻ🅙🅹🇯",
    "k": "ƘƙΚκКкҚқҞҟᏦᛕᴋᶄⱩⱪⲔⲕꓗꝀꝁꝂꝃꝄꝅꞢꞣꮶ𐔘🅚🅺🇰",
    "l": "ĿŀŁłƖƗƚǀǈȴȽɫɬɭʟΙІӀᏞᒪᛁᣳᴌᶅⱠⱡⱢⲒⲓⳐⳑⵏꓡꓲꝈꝉꞎꞭꬷꬸꬹꮮ𐊊𐌉𐐛𐑃𐔦𑢣𑢲𑣒𖼖𖼨𝼄𝼑𝼓🅛🅻🇱",
    "m": "ɱΜμϺϻМмӍӎᎷᗰᛖᴍᵯᶆⱮⲘⲙꓟꬺꭑꮇ𐊰𐌑🅜🅼🇲",
    "n": "ƝƞǋȠȵɲɳɴΝηՈՌոռᵰᶇⲚⲛꓠꞐꞑꞤꞥꬻ𐔓🅝🅽🇳",
    "o": "ØøƟɵΘΟθοσОоѲѳӨөՕօଠഠဝჿዐᎤᎾᏫᲿᴏᴑⱺⲞⲟⴱⵁⵔꓳꝊꝋꝌꝍꬽꬾꭴꮎꮻ𐊒𐊫𐐄𐐬𐓂𐓪𐔖𑢨𑢵𑢷𑣈𑣕𑣗𝼛🅞🅾🇴",
    "p": "ƤƥΡρРрᏢᑭᣖᴘᵱᵽᶈⱣⲢⲣꓑꝐꝑꝒꝓꝔꝕꮲ𐊕🅟🅿🇵",
    "q": "ɋʠԚԛԳԶգզⵕꝖꝗꝘꝙꞯ🅠🆀🇶",
    "r": "ƦɌɍɼɽɾʀГгҒғᎡᎱᏒᖇᣴᴦᵲᵳᶉⱤⲄⲅꓣꞦꞧꭆꭇꭈꭉꭱꮁꮢ𐒴𐓜𖼵𝼖🅡🆁🇷",
    "s": "ƧƨƼƽȿʂЅѕՏտᏕᏚᣵᵴᶊⱾꓢꜱꞨꞩꟅꟉꟊꮥꮪ𐊖𐐠𐑈𑢡𑣁𖼺𝼞🅢🆂🇸",
    "t": "ŦŧƫƬƭƮȶȾʈΤτТтҬҭᎢᴛᵵⱦⲦⲧꓔꭲ𐊗𐊱𐌕𑢼𖼊𝼉🅣🆃🇹",
    "u": "ƲɄʉʋυՍսሀᏌᑌᴜᵾᶙꓴꞞꞟꞸꞹꭎꭒꮜ𐓎𐓶𑢸𑣘𖽂🅤🆄🇺",
    "v": "νѴѵᏙᐯᴠⱱⱴⴸꓦꛟꝞꝟꮩ𐔝𑜆𑢠𑣀𖼈🅥🆅🇻",
    "w": "ƜɯѠѡѼѽԜԝԱաᎳᏔᴡⱲⱳꓪꝠꝡꮃꮤ𑓅𑜊𑜎𑜏🅦🆆🇼",
    "x": "ΧχХхҲҳᕁᕽᚷᶍⲬⲭⵝꓫꞳꭓꭖꭗꭘꭙ𐊐𐊴𐌗𐔧🅧🆇🇽",
    "y": "ƔƳƴɎɏɣʏΓΥγУуҮүҰұყᎩᎽᲧᶌỾỿⲨⲩꓬꭚꭹꮍ𐊲𑢤𑣜𖽃🅨🆈🇾",
    "z": "ƵƶȤȥɀʐʑΖζᏃᙆᴢᵶᶎⱫⱬⱿꓜꟆꮓ𑢩𑣄𑣉🅩🆉🇿",
}
LATIN: Mapping[str, str] = {
    stranger: letter for letter, strangers in _BY_LETTER.items() for stranger in strangers
}

"""Two hundred notices as offices, hospitals, banks and schools send them, and what nearly is a link."""

from itertools import islice, product

_WHERE = ("塔城市第一社区卫生服务中心", "城南门诊部", "新城街道办事处", "第三中学", "市人民医院体检科")
_WHEN = ("11月28日上午9:00", "下周一（12月1日）", "本周五14时30分", "2025年12月3日", "即日起至月底")
_TEXTS = (
    "{where}定于{when}开展流感疫苗接种，请携带身份证和接种证按时前往，接种后请留观30分钟。",
    "您预约的{where}核磁共振检查时间为{when}，请提前4小时禁食，如需改期请拨打12320。",
    "【温馨提示】{when}起{where}将停水检修，请提前储水；给您带来不便，敬请谅解！",
    "尊敬的家长：{where}将于{when}召开家长会，请准时参加，出入请出示二维码。",
    "反诈提醒：凡是要求转账到“安全账户”、刷单返利的都是诈骗，请勿轻信。{where}，{when}。",
    "禁毒宣传：珍爱生命，远离冰毒、海洛因等毒品。讲座时间：{when}，地点：{where}。",
    "严禁黄、赌、毒。{where}将于{when}开展法治讲座，欢迎参加；不信谣、不传谣。",
    "您尾号8086的储蓄卡{when}入账人民币1,000.00元，余额1,808.10元。如有疑问请到{where}咨询。",
    "验证码491823，5分钟内有效，请勿泄露。{where}{when}。",
    "Dear parents: the meeting at {where} is on {when}. Essex School sextet, analysis class. Bring your ID!",
    "高温橙色预警：预计{when}最高气温37℃，请减少户外活动，注意防暑。{where}。",
    "医保缴费通知：{when}前请在国家医保服务平台或{where}缴费，居民每人400元；逾期不能享受待遇。",
    "消防演练：{where}{when}将进行疏散演练，请听从指挥、不要惊慌、不要乘坐电梯。",
    "招聘公告：{where}招聘护士3名，面试时间{when}，请携带毕业证、护士执业证原件。",
    "核酸检测结果：阴性（－）。报告请于{when}后到{where}自助机打印。",
    "图书馆通知：您借阅的《红楼梦》《射雕英雄传》将于{when}到期，请到{where}归还或续借。",
)

# What comes as near to a link or a telephone number as an ordinary text does.
NEAR_MISSES = (
    "1.健康监测；2.信息登记；3.食品安全检查",
    "A.健康 B.娱乐",
    "1.健康/疾病知识",
    "共1,380,013,800元",
    "阿不都丶买买提",
    "一.信息报送 二.商标注册",
    "1. 世界地图",
    "上午8点App预约",
    "上午8点me",
    "请于9点link到会",
    "3点shop见",
    "已完成。App已更新",
    "您好。VIP客户请到二楼",
    "您好。中国移动提醒",
    "请注意。健康第一",
    "好的。香港。",
    "来自政府。信息公开",
    "です。ありがとう",
    "コーヒー。ミルク",
    "点com机",
    "请到网点cnc车间",
    "1、3、5、7、9、11、13、15栋停水",
    "1、3、5、6、7、8、9、10、11号楼",
    "1801、1802、305室",
    "138、1500、1800元三档",
    "1/3、1/4和1/5",
    "2025/11/24～2025/12/03",
    "13:00~15:30",
    "❶请带证件❷请带照片❸请空腹",
    "⓵上午⓶下午",
    "oil 100 lol",
    "第1科OLOLO",
    "$100 off",
)


def ordinary_notices() -> list[str]:
    """Two hundred different ones."""
    made = (text.format(where=where, when=when) for where, when, text in product(_WHERE, _WHEN, _TEXTS))
    return list(islice(dict.fromkeys(made), 200))


# Words that none of the sentences holds, though some are nearly there.
_UNSAID = """
赌博 赌场 博彩 六合彩 彩票 色情 裸聊 淫秽 嫖娼 卖淫 妓女 约炮 一夜情 毒品 冰毒 大麻 海洛因 枪支 弹药 炸弹
假钞 假币 假证 刻章 贷款 高利贷 洗钱 诈骗 中奖 刷单 返利 微信 私服 下注 投注 台独 邪教 暴力 杀人 绑架 勒索
盗号 窃听 翻墙 军火 迷药 春药 激情 上门 包养 二奶 三陪 三级片 特码 代孕 黑客 病毒 偷拍 诱惑 走私 天安门 游行
示威 推翻 颠覆 分裂 独立 政变 sex porn viagra casino bet lsd sm av ass 8964 六四 八九 三八 发票
"""
UNSAID = tuple(_UNSAID.split())
_SENTENCES = """
市民可目睹博物馆新馆风采 交通拥堵博览会期间请绕行 每人每天只上一门课 请开一张收据 她的头发漂亮极了
统一战线工作会议 买一送一 a2奶粉第2件半价 第二奶站已搬迁 您的取件码为4S3X9 验证码B4E7T5，五分钟内有效
体温36度5，一切正常 5号楼ex 6楼停水 五一放假三天 请一律佩戴口罩 一年级一班家长会 一人一码，一车一档 唯一电话
万一遇险请报警 十一期间值班表 周一至周五上班 一起加油 每月一号发工资 请付货款两万元 代发货单已开
高新技术企业 死因正在调查 本期利率百分之三 清理河道 天色晴好 颜色清淡 睛明穴按摩 大约泡五分钟 约一小时到达
科技女性论坛 安徽信息学院 安徽博物院 反映问题请留言 相反利率下降 编制内招聘 反复清洗双手 枝叶修剪 抢收抢种
抢修完毕 请勿开窗 假日值班 采摘园开放 采购清单 炒菜少油少盐 榨菜肉丝面 星级酒店 布置作业 会议推迟 立即派人
线上会议 请带好线路图 客户服务 王玉同学 土地确权 未来几天 末班车二十二点 自己动手 已于昨日寄出 入口在东侧
大风蓝色预警 太阳能热水器 天气转凉 干部任免 千佛洞景区 性别一栏 姓名必填 本人签字 体检报告 休息日照常
力争上游 办理社保 为您服务 免费领取 兔年吉祥 狼牙山 拨打热线 刺绣培训班 剌麻草 洒水车作业 勤洗手
偷税漏税举报 愉快的周末 诀窍分享 头盔佩戴率 淘米水浇花 掏出手机扫码 搔痒止痒 稿件截止 悔过书 海鲜市场 胺基酸
呻吟 雷雨大风 擂台赛 味道鲜美 突然停电 臭氧监测 书法比赛 砖混结构 犷悍 撒落物 聊城大学 账户余额 帐篷营地
保护林木 伐木许可 玫瑰花展 共64人参加 周六4点开始 周三8时 大陆四季如春 第8964号文件已失效者除外
3月8日放假半天 38路公交改道 89岁老人走失
2奶昔 B2B平台 H5页面 MP3播放器 4K电视 5G套餐 3D打印 Casio手表 Essex中学 Best wishes Assess the class 5M宽带
15D面料 A4纸 B5笔记本 S3桶 7T磁共振 3E级 i5处理器 LS0D O2O
"""


def ordinary_sentences() -> list[str]:
    """What people say, full of what is nearly a disguise; those that have one of the words are left out."""
    return [each for each in _SENTENCES.split() if not any(word in each.lower() for word in UNSAID)]
